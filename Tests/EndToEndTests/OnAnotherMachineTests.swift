// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostSystem
import Testing

/// The last resort: the machine is gone, and somebody has a backup's folder, the key and a database server.
@Suite("A backup on another machine", .tags(.slow, .postgres))
struct OnAnotherMachineTests {
    @Test(
        "comes back into an empty database with the program and the key, and is refused where it can't",
        .timeLimit(.minutes(10)),
    )
    func restored() async throws {
        try await Stage.with(.init(hasDatabase: true)) { stage in
            let pushed = try await stage.push([
                "migrations/0001_shipments.sql": "CREATE TABLE shipments (id int PRIMARY KEY, note text);\n"
            ])
            #expect(pushed.isSuccess, "\(pushed.errors)")
            try await stage.sql(
                "INSERT INTO shipments SELECT n, 'number ' || n FROM generate_series(1, 500) n"
            )
            let made = try await stage.opshub("backup", "create", "-e", "production")
            try #require(made.isSuccess, "\(made.output)\(made.errors)")
            let name = try await stage.newestBackup()
            let (backup, key) = ("\(stage.root)/elsewhere", "\(stage.root)/elsewhere.key")
            let exported = try await stage.opshub("backup", "export-key")
            try FileContent.write(Array(exported.output.utf8), to: key)
            try FileManager.default.copyItem(
                atPath: "\(stage.home)/projects/app/production/backups/\(name)",
                toPath: backup,
            )
            let url = try await stage.makeDatabase("empty")
            stage.killControlPlane()

            let here = Machine(stage: stage)
            let restored = try await here.restore(backup, key: key, to: url)
            #expect(restored.isSuccess, "\(restored.output)\(restored.errors)")
            #expect(restored.output.contains("as when it was taken"), "\(restored.output)")
            #expect(
                try await stage.sql("SELECT count(*), max(note) FROM shipments", in: .named("empty"))
                    == "500|number 99"
            )
            #expect(!FileManager.default.fileExists(atPath: here.home), "a home was made")

            // Without a database: as a file that PostgreSQL's own program reads.
            let written = try await here.restore(backup, key: key)
            #expect(written.isSuccess && written.output.hasPrefix("\(name).dump: "), "\(written)")
            let programs = "/usr/lib/postgresql/\(Stage.Manifest.postgres)/bin"
            let listed = try await stage.runner.run(
                Program("\(programs)/pg_restore", ["-l", "\(stage.root)/\(name).dump"])
            )
            #expect(
                listed.output.contains("TABLE DATA public shipments"),
                "\(listed.output)\(listed.errors)",
            )
            let twice = try await here.restore(backup, key: key)
            #expect(twice.ending == .exited(4), "\(twice.output)\(twice.errors)")

            let again = try await here.restore(backup, key: key, to: url)
            #expect(again.ending == .exited(4), "\(again.output)\(again.errors)")
            #expect(again.errors.contains("is not empty"), "\(again.errors)")
            let other = "opshub-key-1 \(String(repeating: "A", count: 43))=\n"
            try FileContent.write(Array(other.utf8), to: "\(key).wrong")
            let wrong = try await here.restore(
                backup,
                key: "\(key).wrong",
                to: try await stage.makeDatabase("another"),
            )
            #expect(!wrong.isSuccess && wrong.errors.contains("key"), "\(wrong.errors)")
            #expect(
                try await stage.sql(
                    "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
                    in: .named("another"),
                )
                    == "0"
            )
        }
    }
}

/// One that has nothing of OpsHub but the program.
private struct Machine {
    let stage: Stage
    var home: String { "\(stage.root)/no-home" }

    func restore(_ backup: String, key: String, to url: String? = nil) async throws -> ProgramResult {
        try await stage.runner.run(
            Program(
                Stage.binary,
                ["backup", "restore", "--from", backup, "--key", key] + (url.map { ["--to", $0] } ?? []),
                in: stage.root,
                environment: [
                    "OPSHUB_HOME": home, "USER": "ada", "PGPASSWORD": try stage.databasePassword(),
                ],
                deadline: .seconds(120),
            )
        )
    }
}

extension Stage {
    /// Makes a database that belongs to the application's role, and says how it is reached.
    fileprivate func makeDatabase(_ name: String) async throws -> String {
        let folder = "\(home)/projects/app/production/accessories/db"
        let text = try #require(try FileContent.bytes(of: "\(folder)/accessory.json"))
        let record = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
        let (socket, account) = (record["socketFolder"] as? String ?? "", record["account"] as? String ?? "")
        let statement = "CREATE DATABASE \(name) OWNER app TEMPLATE template0"
        _ =
            try await runner.run(
                Program(
                    "psql",
                    [
                        "-h", socket, "-p", "\(ports.database)", "-U", "opshub_server", "-d", "postgres",
                        "-qc",
                        statement,
                    ],
                    as: SystemUser.find(name: account),
                )
            )
            .checked(doing: statement)
        return "postgresql://app@127.0.0.1:\(ports.database)/\(name)"
    }
}
