// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Glibc
import HostSystem
import Manifest
import Testing

@testable import PostgresTools

@Suite("A PostgreSQL accessory", .tags(.postgres))
struct PostgresAccessoriesTests {
    @Test("It comes up with its database, role and password, none of it run by root")
    func fresh() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            #expect(try await home.accessories.address(of: accessory) == nil)
            #expect(try home.accessories.status(of: accessory) == nil)

            let address = try await home.ensure(accessory)

            #expect(address.host == "127.0.0.1" && address.port == accessory.port)
            #expect(address.database == "tracehub" && address.user == "tracehub")
            #expect(address.password.revealed().count >= 32)
            #expect(try await home.accessories.address(of: accessory)?.database == address)
            let row = try await home.ask(
                address,
                """
                SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls, pg_get_userbyid(datdba),
                    pg_encoding_to_char(encoding), datcollate, current_setting('data_checksums'),
                    current_setting('listen_addresses'), current_setting('password_encryption'),
                    current_setting('shared_buffers')
                FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
                """,
            )
            #expect(
                row.values == [
                    "f", "tracehub", "UTF8", "C.UTF-8", "on", "127.0.0.1", "scram-sha-256", "64MB",
                ]
            )
            try home.expectUnprivileged(accessory)
        }
    }

    @Test("A second call changes nothing: same process, same password, same data")
    func idempotent() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let first = try await home.ensure(accessory)
            _ = try await home.ask(first, "CREATE TABLE kept AS SELECT 42 AS x")
            let process = try home.accessories.status(of: accessory)?.process

            let second = try await home.ensure(accessory)

            #expect(second == first)
            #expect(try home.accessories.status(of: accessory)?.process == process)
            #expect(try await home.ask(second, "SELECT x FROM kept")[0] == "42")
        }
    }

    @Test("Two calls at once make one server")
    func concurrent() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            async let first = home.ensure(accessory)
            async let second = home.ensure(accessory)
            #expect(try await first == second)
        }
    }

    @Test("It is stopped cleanly although somebody is connected, and its data are there when it starts again")
    func stopAndStart() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            _ = try await home.ask(address, "CREATE TABLE kept AS SELECT 42 AS x")
            let guest = try await PostgresSession.connect(home.endpoint(address))

            try await home.accessories.stop(accessory)
            try await home.accessories.stop(accessory)

            #expect(try home.accessories.status(of: accessory)?.state == .stopped)
            #expect(LocalPorts.isFree(accessory.port))
            #expect(try await error { try await guest.query("SELECT 1") }?.isUnavailable == true)
            let log = try #require(try FileContent.text(of: "\(home.folder(accessory).log)/current"))
            #expect(log.contains("received fast shutdown request"))
            #expect(log.contains("database system is shut down"))

            let again = try await home.ensure(accessory)
            #expect(again == address)
            #expect(try await home.ask(again, "SELECT x FROM kept")[0] == "42")
        }
    }

    @Test("It outlives this process: its supervisor is nobody's child, in a session of its own")
    func outlives() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            _ = try await home.ensure(accessory)
            let server = try #require(try home.accessories.status(of: accessory)?.process)
            let supervisor = try #require(
                ProcessTable.entry(server).flatMap { ProcessTable.entry($0.parent) }
            )
            #expect(supervisor.name == "runsv")
            #expect(supervisor.session == supervisor.id)
            #expect(supervisor.parent != getpid())
            #expect(try home.accessories.status(of: accessory)?.isSupervised == true)
        }
    }

    @Test("A server that is killed is started again by its supervisor, not by us")
    func killed() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            _ = try await home.ask(address, "CREATE TABLE kept AS SELECT 42 AS x")
            let process = try #require(try home.accessories.status(of: accessory)?.process)

            kill(process, SIGKILL)

            try await until(.seconds(30)) {
                try await error { _ = try await home.ask(address, "SELECT 1") } == nil
            }
            #expect(try await home.ask(address, "SELECT x FROM kept")[0] == "42")
            #expect(try home.accessories.status(of: accessory)?.process != process)
        }
    }

    @Test("Another port in the manifest moves the server and keeps its data and password")
    func anotherPort() async throws {
        try await TestHome.with { home in
            var accessory = try home.accessory()
            let before = try await home.ensure(accessory)
            _ = try await home.ask(before, "CREATE TABLE kept AS SELECT 42 AS x")
            accessory.port = try TestPorts.next()

            let after = try await home.ensure(accessory)

            #expect(after.port == accessory.port && after.port != before.port)
            #expect(after.password == before.password)
            #expect(try await home.ask(after, "SELECT x FROM kept")[0] == "42")
            #expect(LocalPorts.isFree(before.port))
        }
    }

    @Test("Settings that somebody changed by hand are written again, and the running server takes them over")
    func settingsRestored() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            let process = try home.accessories.status(of: accessory)?.process
            let path = "\(home.folder(accessory).configuration)/postgresql.conf"
            try FileContent.append("log_min_duration_statement = 7\n", to: path)
            try await home.administer(accessory, [])
            #expect(try FileContent.text(of: path)?.contains("log_min_duration_statement") == false)

            try FileContent.append("log_min_duration_statement = 7\n", to: path)
            let record = try #require(try ClusterRecord(home.folder(accessory)))
            try await PostgresSession.with(record.endpoint("postgres", as: "test")) { session in
                try await session.query("SELECT pg_reload_conf()")
            }
            try await until { try await home.ask(address, "SHOW log_min_duration_statement")[0] == "7ms" }
            _ = try await home.ensure(accessory)
            try await until { try await home.ask(address, "SHOW log_min_duration_statement")[0] == "-1" }
            #expect(try home.accessories.status(of: accessory)?.process == process)
        }
    }

    @Test("A taken port is refused by name, and the server that ran goes on as it was")
    func takenPort() async throws {
        try await TestHome.with { home in
            var accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            let other = try home.accessory("other", database: "other")
            _ = try await home.ensure(other)
            let holder = try #require(LocalPorts.holder(of: other.port))
            accessory.port = other.port

            let failure = await #expect(throws: Failure.self) { try await home.ensure(accessory) }

            #expect(holder.process == (try home.accessories.status(of: other)?.process))
            #expect(failure?.code == .portTaken)
            #expect(failure?.message == "port \(other.port) is taken by \(holder)")
            #expect(try await home.ask(address, "SELECT 1")[0] == "1")
        }
    }

    @Test("A version that is not installed is named together with its package")
    func missingVersion() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory(major: 99)
            let failure = await #expect(throws: Failure.self) { try await home.ensure(accessory) }
            #expect(failure?.code == .missingProgram)
            #expect(failure?.hint == "run 'apt-get install postgresql-99'")
            #expect(!Folder.exists(home.folder(accessory).path))
        }
    }

    @Test(
        "A name that PostgreSQL or OpsHub needs itself is refused before anything is made",
        arguments: [
            "postgres", "template1", "opshub_server", "pg_mine", "opshub_restore_b1", "", "a b", "ü", "a/b",
        ],
    )
    func reservedNames(name: String) async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory(database: name)
            let failure = await #expect(throws: Failure.self) { try await home.ensure(accessory) }
            #expect(failure?.code == .invalidManifest)
            #expect(!Folder.exists(home.folder(accessory).path))
        }
    }

    @Test("A role with capitals, dots and dashes comes in by its URL", arguments: ["Odd-Name.1", "select"])
    func oddRole(name: String) async throws {
        try await TestHome.with { home in
            let address = try await home.ensure(try home.accessory(database: name))
            let row = try await PostgresSession.with(PostgresEndpoint(url: address.url)) { session in
                try await session.query("SELECT current_user, current_database()").first
            }
            #expect(row?.values == [name, name])
        }
    }

    @Test("A home whose path is too long for a socket gets a short folder for it")
    func longPath() async throws {
        try await TestHome.with(suffix: String(repeating: "-long", count: 16)) { home in
            let accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            #expect(try await home.ask(address, "SELECT 1")[0] == "1")
            let record = try #require(try ClusterRecord(home.folder(accessory)))
            #expect(!record.socketFolder.hasPrefix(home.layout.root))
            #expect(record.socketFolder.utf8.count < 40)
        }
    }

    @Test(
        "OpsHub's own role comes in through the socket alone, and other databases' roles do not come in at all"
    )
    func doors() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            let record = try #require(try ClusterRecord(home.folder(accessory)))
            try await PostgresSession.with(record.endpoint("postgres", as: "test")) { session in
                try await session.query("ALTER ROLE opshub_server PASSWORD 'known'")
                try await session.query("CREATE ROLE stranger LOGIN PASSWORD 'known'")
            }
            for (user, state) in [(ClusterRecord.superuser, "28000"), ("stranger", "42501")] {
                var endpoint = home.endpoint(address)
                endpoint.parameters["user"] = user
                endpoint.password = Secret("known")
                let refused = try await error { _ = try await PostgresSession.connect(endpoint) }
                #expect(refused?.sqlState == state)
            }
        }
    }

    @Test("The password is in no log, no process list and no file but its own")
    func secrecy() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            let folder = home.folder(accessory)
            let secret = address.password.revealed()
            #expect(try FileContent.text(of: "\(folder.log)/current")?.contains(secret) == false)
            for process in ProcessTable.all() {
                let line = try FileContent.text(of: "/proc/\(process.id)/cmdline") ?? ""
                #expect(!line.contains(secret))
            }
            let search = try await ProgramRunner().run(Program("grep", ["-rl", "-e", secret, folder.path]))
            #expect(search.output == "\(folder.password)\n")
            #expect(try mode(of: folder.password) == 0o600)
            #expect(try mode(of: folder.record) == 0o600)
            #expect(try mode(of: folder.data) == 0o700)
        }
    }

    @Test("takes no place in which an accessory of another kind lies")
    func otherKind() async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            try Folder.make(home.folder(accessory).path)
            try DurableFile.write("{}", to: "\(home.folder(accessory).path)/folder.json")
            let failure = await #expect(throws: Failure.self) { try await home.ensure(accessory) }
            #expect(failure?.code == .conflict)
            #expect(!Folder.exists(home.folder(accessory).data))
        }
    }
}
