// SPDX-License-Identifier: Apache-2.0
import API
import Delivery
import Foundation
import HostSystem
import Testing

/// Data that are put back where an application uses them.
@Suite("A restore into production", .tags(.slow, .postgres))
struct RestoreTests {
    private static let create =
        "CREATE TABLE shipments (id int PRIMARY KEY);\nINSERT INTO shipments VALUES (1);\n"

    @Test("says what it means, asks, brings the data back, and can be taken back", .timeLimit(.minutes(10)))
    func whole() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true)) { stage in
            let first = try await stage.push(["migrations/0001_shipments.sql": Self.create])
            try #require(first.isSuccess, "\(first.errors)")
            let made = try await stage.opshub("backup", "create", "-e", "production")
            try #require(made.isSuccess, "\(made.errors)")
            let second = try await stage.push([
                "migrations/0002_weight.sql":
                    "ALTER TABLE shipments ADD COLUMN weight int;\nINSERT INTO shipments VALUES (2);\n"
            ])
            try #require(second.isSuccess, "\(second.errors)")
            #expect(try await stage.rows() == "2")
            try await Self.oneTable(stage)

            let asked = try await stage.opshub("backup", "restore", "b2", "-e", "production", "--dry-run")
            for text in [
                "backup b2 of app/production/db/app → app/production/db/app", "verified: ",
                "1 definition is not as now, and r2 may need what is now", "TABLE public.shipments",
                "r1 served then, r2 serves now", "is kept for 7d",
            ] {
                #expect(asked.output.contains(text), "\(text) is not in\n\(asked.output)\(asked.errors)")
            }
            let alone = try await stage.opshub("backup", "restore", "b2", "-e", "production")
            #expect(alone.errors.contains("nobody is there to confirm it"), "\(alone.errors)")
            let wrong = try await stage.opshub(
                "backup",
                "restore",
                "b2",
                "-e",
                "production",
                "--confirm",
                "staging",
            )
            #expect(!wrong.isSuccess)
            let unknown = try await stage.opshub("backup", "restore", "b99", "-e", "production", "--dry-run")
            #expect(unknown.errors.contains("there is no backup b99"), "\(unknown.errors)")
            #expect(try await stage.rows() == "2")

            let restored = try await stage.opshub(
                "backup",
                "restore",
                "b2",
                "-e",
                "production",
                "--confirm",
                "production",
            )
            #expect(restored.isSuccess, "\(restored.output)\(restored.errors)")
            #expect(try await stage.rows() == "1")
            #expect(try await stage.version() == "1")
            let status = try await stage.opshub("status")
            #expect(status.output.contains("r2"), "\(status.output)")

            let back = try await stage.opshub(
                "backup",
                "restore",
                "--undo",
                "d3",
                "-e",
                "production",
                "--confirm",
                "production",
            )
            #expect(back.isSuccess, "\(back.output)\(back.errors)")
            #expect(try await stage.rows() == "2")

            let rolled = try await stage.opshub(
                "rollback",
                "-e",
                "production",
                "-t",
                "database",
                "-b",
                "b2",
                "--confirm",
                "production",
            )
            #expect(rolled.isSuccess, "\(rolled.output)\(rolled.errors)")
            #expect(try await stage.rows() == "1")
            let third = try await stage.push(["note.txt": "again"])
            #expect(third.isSuccess, "\(third.errors)")
            // What the restore has taken away is pending again.
            #expect(third.errors.contains("0002"), "\(third.errors)")
            #expect(try await stage.rows() == "2")
        }
    }

    /// A table of the backup, beside the one that is there.
    @Test("goes back to a moment that nobody has taken a backup of", .timeLimit(.minutes(10)))
    func moment() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true, isArchived: true)) { stage in
            let first = try await stage.push(["migrations/0001_shipments.sql": Self.create])
            try #require(first.isSuccess, "\(first.errors)")
            let early = try await stage.opshub(
                "backup",
                "create",
                "-e",
                "production",
                "--at",
                "2020-01-01 00:00",
            )
            #expect(early.errors.contains("can't go back to 2020-01-01T00:00:00Z"), "\(early.errors)")
            try await stage.waitUntil("there is a base backup") {
                let list = try await stage.opshub("backup", "list", "-e", "production")
                return list.errors.contains("app/production/db/app: any moment from ")
            }
            _ = try await stage.sql("INSERT INTO shipments VALUES (2), (3)")
            let moment = try await stage.sql(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')"
            )
            _ = try await stage.sql("DELETE FROM shipments")
            let ahead = try await stage.opshub(
                "backup",
                "create",
                "-e",
                "production",
                "--at",
                "2999-01-01 00:00",
            )
            #expect(ahead.errors.contains("the archive reaches to "), "\(ahead.errors)")
            for unclear in ["yesterday", "10:30", "2026-13-01 10:00", "2026-01-01T10:00:00+99:00"] {
                let refused = try await stage.opshub("backup", "create", "-e", "production", "--at", unclear)
                #expect(refused.errors.contains("'\(unclear)' is no moment"), "\(refused.errors)")
            }
            let restore = ["backup", "restore", "--at", moment, "-e", "production"]
            try await stage.waitUntil("the moment is in the archive") {
                try await stage.opshub(restore + ["--dry-run"]).isSuccess
            }
            let asked = try await stage.opshub(restore + ["--dry-run"])
            #expect(
                asked.output.contains("as of      \(moment.prefix(10))T"),
                "\(asked.output)\(asked.errors)",
            )
            #expect(try await stage.sql("SELECT count(*) FROM shipments") == "0")
            let restored = try await stage.opshub(restore + ["--confirm", "production"])
            #expect(restored.isSuccess, "\(restored.output)\(restored.errors)")
            #expect(try await stage.sql("SELECT count(*) FROM shipments") == "3")
            // The archive goes on through the exchange of databases.
            let status = try await stage.opshub("status", "-e", "production")
            #expect(!status.output.contains("not archived"), "\(status.output)")
        }
    }

    private static func oneTable(_ stage: Stage) async throws {
        let table = ["backup", "restore", "b2", "-e", "production", "--table", "shipments"]
        let made = try await stage.opshub(table)
        for text in [
            "public.shipments of backup b2", "is in \"public\".\"shipments_b2\" of app/production/db/app",
            "1, all compared",
        ] {
            #expect(made.output.contains(text), "\(text) is not in\n\(made.output)\(made.errors)")
        }
        #expect(try await stage.sql("SELECT count(*) FROM shipments_b2") == "1")
        let again = try await stage.opshub(table)
        #expect(!again.isSuccess && again.errors.contains("--as NAME"), "\(again.errors)")
        let unknown = try await stage.opshub(table.dropLast() + ["orders"])
        #expect(unknown.errors.contains("has no table orders"), "\(unknown.errors)")
        let mixed = try await stage.opshub(table + ["--dry-run"])
        #expect(mixed.errors.contains("--table goes with a backup and --as alone"), "\(mixed.errors)")
        #expect(try await stage.rows() == "2")
        try await stage.sql("DROP TABLE shipments_b2")
    }

    @Test("is done when the control plane is back, wherever it died", .timeLimit(.minutes(10)))
    func everyBoundary() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true)) { stage in
            let first = try await stage.push(["migrations/0001_shipments.sql": Self.create])
            try #require(first.isSuccess, "\(first.errors)")
            let made = try await stage.opshub("backup", "create", "-e", "production")
            try #require(made.isSuccess, "\(made.errors)")
            try await stage.sql("INSERT INTO shipments VALUES (2)")
            let phases = Course.restoring.map(\.description) + ["verdict", "end"]
            for (index, point) in phases.flatMap({ ["before \($0)", "after \($0)"] }).enumerated() {
                stage.killControlPlane()
                try await stage.serve(crash: point, mayDieAtOnce: index > 0)
                if index == 0 {
                    _ = try await stage.opshub(
                        "backup",
                        "restore",
                        "b2",
                        "-e",
                        "production",
                        "--confirm",
                        "production",
                        "--no-wait",
                    )
                }
                try await stage.waitUntil("the control plane has died \(point)") { !stage.isServing }
            }
            try await stage.serve()
            _ = try await stage.opshub("events", "d2", "--follow")
            let lines = try await stage.json([JournalLine].self, "events", "d2")
            #expect(lines.last?.outcome == "succeeded", "\(lines.last?.text ?? "")")
            #expect(try await stage.rows() == "1")
            #expect(try await stage.version() == "1")
        }
    }
}

extension Stage {
    /// A database of the application.
    enum Place {
        case production, staging
        /// Another one on production's server.
        case named(String)
    }

    /// What the application's role has been given.
    func databasePassword(of environment: String = "production") throws -> String {
        let file = "\(home)/projects/app/\(environment)/accessories/db/password"
        return String(try #require(try FileContent.text(of: file)).split(separator: "\n")[0])
    }

    /// Runs a statement as the application.
    @discardableResult
    func sql(_ statement: String, in place: Place = .production) async throws -> String {
        let (database, port, environment) =
            switch place {
            case .production: ("app", ports.database, "production")
            case .staging: ("app", ports.database + 2, "staging")
            case .named(let name): (name, ports.database, "production")
            }
        let result = try await runner.run(
            Program(
                "psql",
                ["-h", "127.0.0.1", "-p", "\(port)", "-U", "app", "-d", database, "-Atc", statement],
                environment: ["PGPASSWORD": try databasePassword(of: environment)],
            )
        )
        return try result.checked(doing: "asking the database").output.trimmingCharacters(in: .newlines)
    }

    /// The name of production's newest backup.
    func newestBackup() async throws -> String {
        struct Listed: Decodable { var id: String }
        return try #require(try await json([Listed].self, "backup", "list", "-e", "production").first).id
    }

    func rows() async throws -> String { try await sql("SELECT count(*) FROM shipments") }
}
