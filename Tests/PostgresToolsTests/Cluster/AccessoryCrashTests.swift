// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import Testing

@testable import PostgresTools

@Suite("A PostgreSQL accessory after a crash between any two steps", .tags(.postgres))
struct AccessoryCrashTests {
    /// What a crash, or a person, leaves behind.
    enum Leftover: String, CaseIterable, CustomTestStringConvertible {
        case folderAlone, passwordAlone, unfinishedCluster, clusterAlone, clusterWithoutSettings,
            serverWithoutRole
        case roleWithoutDatabase, noRecord, lostPassword, otherPassword, databaseOfSomebodyElse,
            supervisorKilled
        case deadSocketFolder

        var testDescription: String { rawValue }
    }

    @Test("The next call completes what is there", arguments: Leftover.allCases)
    func completion(leftover: Leftover) async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            try await leave(leftover, of: accessory, in: home)

            let address = try await home.ensure(accessory)

            #expect(
                try await home.ask(address, "SELECT current_user || ' ' || current_database()")[0]
                    == "tracehub tracehub"
            )
            #expect(
                try await
                    home
                    .ask(
                        address,
                        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'tracehub'",
                    )[0] == "tracehub"
            )
            #expect(try await home.accessories.address(of: accessory)?.database == address)
            #expect(!Folder.exists(home.folder(accessory).unfinishedData))
            try home.expectUnprivileged(accessory)
        }
    }

    @Test("A data folder without a cluster is reported and left alone")
    func damaged() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let folder = home.folder(accessory)
            try Folder.make(folder.data)
            try DurableFile.write("precious", to: "\(folder.data)/file")

            let failure = await #expect(throws: Failure.self) { try await home.accessories.ensure(accessory) }

            #expect(failure?.code == .damagedState)
            #expect(try FileContent.text(of: "\(folder.data)/file") == "precious")
        }
    }

    @Test("Data of another major version are refused and left alone")
    func otherVersion() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let folder = home.folder(accessory)
            try Folder.make(folder.data)
            try DurableFile.write("14\n", to: "\(folder.data)/PG_VERSION")

            let failure = await #expect(throws: Failure.self) { try await home.accessories.ensure(accessory) }

            #expect(failure?.code == .conflict)
            #expect(
                failure?.message.contains("was made by PostgreSQL 14, and opshub.yml asks for 15") == true
            )
            #expect(failure?.hint?.contains("postgres: 14") == true)
        }
    }

    @Test("A password file that holds no password is reported and left alone")
    func damagedPassword() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let folder = home.folder(accessory)
            try Folder.make(folder.path)
            try DurableFile.write("short", to: folder.password, mode: 0o600)

            let failure = await #expect(throws: Failure.self) { try await home.accessories.ensure(accessory) }

            #expect(failure?.code == .damagedState)
            #expect(try FileContent.text(of: folder.password) == "short")
        }
    }

    @Test("A record that can't be read is reported with what to do")
    func damagedRecord() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let folder = home.folder(accessory)
            try Folder.make(folder.path)
            try DurableFile.write("{", to: folder.record)
            let failure = await #expect(throws: Failure.self) {
                try await home.accessories.address(of: accessory)
            }
            #expect(failure?.code == .damagedState)
            #expect(failure?.hint?.contains("remove that file") == true)
        }
    }

    @Test("A server that does not stay up is told with the end of its log")
    func crashing() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let folder = home.folder(accessory)
            _ = try await home.accessories.ensure(accessory)
            try await home.accessories.stop(accessory)
            try FileContent.append(
                "shared_preload_libraries = 'not_there'\n",
                to: "\(folder.data)/postgresql.auto.conf",
            )

            let failure = await #expect(throws: Failure.self) { try await home.accessories.ensure(accessory) }

            #expect(failure?.code == .serviceExited)
            #expect(failure?.evidence.contains { $0.contains("could not access file \"not_there\"") } == true)
        }
    }

    private func leave(
        _ leftover: Leftover,
        of accessory: AccessorySpecification,
        in home: TestHome,
    ) async throws {
        let folder = home.folder(accessory)
        switch leftover {
        case .folderAlone: try Folder.make(folder.path)
        case .passwordAlone:
            try Folder.make(folder.path)
            var generator = SystemRandomNumberGenerator()
            _ = try GeneratedPassword.keep(in: folder.password, using: &generator)
        case .unfinishedCluster:
            try Folder.make("\(folder.unfinishedData)/base")
            try DurableFile.write("15\n", to: "\(folder.unfinishedData)/PG_VERSION")
        case .clusterAlone: try await home.server(accessory).makeCluster()
        case .clusterWithoutSettings:
            _ = try await home.accessories.ensure(accessory)
            try await home.accessories.stop(accessory)
            for path in [folder.configuration, folder.record, folder.service] { try Folder.remove(path) }
        case .serverWithoutRole:
            let server = try await home.server(accessory)
            try await server.makeCluster()
            try await server.start(.seconds(60))
        case .roleWithoutDatabase:
            try await home.administer(accessory, ["DROP DATABASE tracehub"])
            try Folder.remove(folder.record)
        case .noRecord:
            _ = try await home.accessories.ensure(accessory)
            try Folder.remove(folder.record)
        case .lostPassword:
            _ = try await home.accessories.ensure(accessory)
            try Folder.remove(folder.password)
        case .otherPassword:
            try await home.administer(accessory, ["ALTER ROLE tracehub PASSWORD 'something else'"])
        case .databaseOfSomebodyElse:
            try await home.administer(accessory, ["ALTER DATABASE tracehub OWNER TO opshub_server"])
        case .supervisorKilled:
            _ = try await home.accessories.ensure(accessory)
            let process = try #require(try home.accessories.status(of: accessory)?.process)
            let supervisor = try #require(ProcessTable.entry(process)?.parent)
            kill(supervisor, SIGKILL)
            try await until { ProcessTable.entry(supervisor) == nil }
        case .deadSocketFolder:
            _ = try await home.accessories.ensure(accessory)
            try await home.accessories.stop(accessory)
            try Folder.remove(folder.sockets)
        }
    }
}
