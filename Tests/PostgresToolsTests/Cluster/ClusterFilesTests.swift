// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools

@Suite("The files of a cluster")
struct ClusterFilesTests {
    private static let folder = ClusterFolder(
        AccessoryName("db"),
        of: EnvironmentKey(ProjectName("tracehub"), EnvironmentName("production")),
        in: HomeLayout(root: "/var/lib/opshub"),
    )

    private func configuration(major: Int = 15, root: String? = nil) -> ClusterConfiguration {
        ClusterConfiguration(
            folder: Self.folder,
            sockets: SocketFolder(Self.folder.sockets),
            port: 5432,
            trusted: ["opshub-x", "root"],
            major: major,
        )
    }

    @Test("Everything of an accessory lies in its folder")
    func folders() {
        let path = "/var/lib/opshub/projects/tracehub/production/accessories/db"
        #expect(Self.folder.path == path)
        #expect(Self.folder.data == "\(path)/data")
        #expect(Self.folder.service == "\(path)/service")
    }

    @Test("The command has what a running server can't change, and no secret")
    func command() {
        let path = Self.folder.path
        #expect(
            configuration().command(PostgresPrograms(major: 15, folder: "/usr/lib/postgresql/15/bin")) == [
                "/usr/lib/postgresql/15/bin/postgres", "-D", "\(path)/data",
                "-c", "config_file=\(path)/config/postgresql.conf", "-c", "port=5432",
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=\(path)/run",
            ]
        )
    }

    @Test("Who may come in, and how")
    func access() throws {
        let files = Dictionary(uniqueKeysWithValues: configuration().files.map { ($0.name, $0.text) })
        #expect(
            files["pg_hba.conf"] == """
                # Written by OpsHub. Its own role comes in through the socket alone, and only as these accounts:
                local all opshub_server peer map=opshub
                local replication opshub_server peer map=opshub
                local all all scram-sha-256
                host all opshub_server all reject
                host all all 127.0.0.1/32 scram-sha-256

                """
        )
        #expect(
            files["pg_ident.conf"] == """
                # Written by OpsHub: map, account of this machine, role.
                opshub "opshub-x" opshub_server
                opshub "root" opshub_server

                """
        )
    }

    @Test("The settings are modest and exact, and know the version")
    func settings() throws {
        let text = configuration().files.first { $0.name == "postgresql.conf" }?.text ?? ""
        let path = Self.folder.path
        for line in [
            "hba_file = '\(path)/config/pg_hba.conf'", "shared_buffers = 64MB", "max_connections = 100",
            "password_encryption = scram-sha-256", "unix_socket_permissions = 0700",
            "client_connection_check_interval = 1s",
        ] {
            #expect(text.contains("\n\(line)\n"))
        }
        let old = configuration(major: 13).files.first { $0.name == "postgresql.conf" }?.text ?? ""
        #expect(!old.contains("client_connection_check_interval"))
    }

    @Test("A socket's path fits the kernel, whatever the home", arguments: [10, 80, 91, 92, 93, 200])
    func sockets(length: Int) {
        let wanted = "/" + String(repeating: "x", count: length - 1)
        let folder = SocketFolder(wanted, fallback: "/run")
        #expect("\(folder.path)/.s.PGSQL.65535".utf8.count <= SocketFolder.longestSocket)
        #expect((folder.path == wanted) == (length <= 92))
        #expect(SocketFolder(wanted, fallback: "/run") == folder)
        #expect(SocketFolder(wanted + "y", fallback: "/run") != folder)
    }

    @Test("A socket's folder is for its owner alone, and what somebody else put there is refused")
    func socketFolder() async throws {
        try await SQLFolder.with([:]) { folder in
            let sockets = SocketFolder("\(folder)/run")
            try sockets.make(for: .current)
            try sockets.make(for: .current)
            #expect(try mode(of: sockets.path) == 0o700)
            let link = SocketFolder("\(folder)/link")
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: folder)
            let failure = #expect(throws: Failure.self) { try link.make(for: .current) }
            #expect(failure?.code == .conflict)
            let nowhere = SocketFolder("\(folder)/a/b")
            #expect(throws: Failure.self) { try nowhere.make(for: .current) }
        }
    }

    @Test("A password is long, needs no escape in a URL, is kept for nobody else, and stays the same")
    func password() async throws {
        try await SQLFolder.with([:]) { folder in
            let path = "\(folder)/password"
            #expect(try GeneratedPassword.read(path) == nil)
            var generator = SeededGenerator(seed: 3)
            let first = try GeneratedPassword.keep(in: path, using: &generator)
            let second = try GeneratedPassword.keep(in: path, using: &generator)
            #expect(first == second)
            #expect(try GeneratedPassword.read(path) == first)
            #expect(first.revealed().count == 40)
            #expect(
                first.revealed()
                    .allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
            )
            #expect(try mode(of: path) == 0o600)
            let other = try GeneratedPassword.keep(in: "\(folder)/other", using: &generator)
            #expect(other != first)
            for number in 0..<256 {
                let password = try GeneratedPassword.keep(in: "\(folder)/\(number)", using: &generator)
                #expect(password.revealed().first?.isLetter == true, "no program takes it for an option")
            }
        }
    }

    @Test("How to reach a server survives being written down")
    func record() async throws {
        try await SQLFolder.with([:]) { root in
            let folder = ClusterFolder(
                AccessoryName("db"),
                of: EnvironmentKey(ProjectName("p"), EnvironmentName("e")),
                in: HomeLayout(root: root),
            )
            #expect(try ClusterRecord(folder) == nil)
            try Folder.make(folder.path)
            let record = ClusterRecord(
                major: 15,
                port: 5432,
                database: "d",
                socketFolder: "/run/x",
                account: "a",
            )
            try record.write(to: folder)
            #expect(try ClusterRecord(folder) == record)
            let endpoint = record.endpoint("d", as: "test")
            #expect(endpoint.parameters["user"] == "opshub_server" && endpoint.password == nil)
        }
    }

    @Test("Programs are found where packages put them, or by pg_config when its version is the wanted one")
    func programs() async throws {
        let usual = try await PostgresPrograms.locate(15)
        #expect(usual.path(of: "pg_dump").hasSuffix("/15/bin/pg_dump"))
        #expect(try await usual.version(of: "pg_dump").hasPrefix("15."))
        let elsewhere = try? await PostgresPrograms.locate(15, below: "/nowhere")
        #expect(elsewhere == nil || elsewhere?.major == 15)
        let failure = await #expect(throws: Failure.self) {
            try await PostgresPrograms.locate(14, below: "/nowhere")
        }
        #expect(failure?.code == .missingProgram)
    }
}
