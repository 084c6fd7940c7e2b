// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

/// A schema that what serves does not bear comes while nobody is served, and goes again before anybody is served by the release
/// before: on the real parts, as clients see it.
@Suite("An environment that is closed for maintenance", .tags(.slow, .postgres))
struct MaintenanceTests {
    private static func renaming(_ number: String, _ from: String, _ to: String) -> [String: String] {
        [
            "migrations/\(number)_rename.sql":
                "SELECT pg_sleep(2);\nALTER TABLE shipments RENAME COLUMN \(from) TO \(to);\n",
            "migrations/\(number)_rename.down.sql":
                "ALTER TABLE shipments RENAME COLUMN \(to) TO \(from);\n",
        ]
    }

    private static let column =
        "SELECT attname FROM pg_attribute WHERE attrelid = 'shipments'::regclass AND attnum = 2"

    @Test("says so to everybody, and to nobody longer than it takes", .timeLimit(.minutes(10)))
    func closes() async throws {
        try await Stage.with(.init(window: "2s", hasDatabase: true)) { stage in
            let manifest = try #require(try FileContent.text(of: "\(stage.repository)/opshub.yml"))
            let closing = manifest.replacing(
                "    branch: main\n",
                with: "    branch: main\n    maintenance: migrations\n",
            )
            let create = "CREATE TABLE shipments (id int PRIMARY KEY, notes text);\n"
            let first = try await stage.push([
                "opshub.yml": closing, "migrations/0001_shipments.sql": create,
                "behaviour.json": #"{ "version": "1" }"#,
            ])
            try #require(first.isSuccess, "\(first.errors)")
            #expect(!first.errors.contains("close to traffic"))

            _ = try await stage.sql("INSERT INTO shipments VALUES (1, 'fragile')")

            var second = Self.renaming("0002", "notes", "remarks")
            let wayDown = second.removeValue(forKey: "migrations/0002_rename.down.sql")
            second["behaviour.json"] = #"{ "version": "2" }"#
            let refused = try await stage.push(second)
            #expect(!refused.isSuccess)
            #expect(
                refused.errors.contains("migration 0002 can't be taken back: ")
                    && refused.errors.contains(", and nobody could go back"),
                "\(refused.errors)",
            )

            var pushed: ProgramResult?
            let seen = try await SteadyLoad.during("\(stage.edge)/version") {
                pushed = try await stage.push(["migrations/0002_rename.down.sql": wayDown ?? ""])
            }
            let told = try #require(pushed)
            #expect(told.isSuccess, "\(told.errors)")
            #expect(
                told.errors.contains(
                    "app/production is closed for maintenance: new requests get 503 until the switch"
                ),
                "\(told.errors)",
            )
            #expect(Set(seen.statuses.keys) == [200, 503] && seen.errors.isEmpty, "\(seen)")
            #expect(try await stage.version() == "2")
            #expect(try await stage.sql(Self.column).contains("remarks"))
            let answer = try await stage.opshub("rollback", "-e", "production", "--dry-run")
            #expect("\(answer.output)\(answer.errors)".contains("has never served with that schema"))

            // It fails once it has the traffic: what it has written is kept, and the one before finds its schema.
            var third = Self.renaming("0003", "remarks", "comments")
            third["behaviour.json"] = #"{ "version": "3", "fail_after_requests": 10 }"#
            var failed: ProgramResult?
            let met = try await SteadyLoad.during("\(stage.edge)/version") {
                failed = try await stage.push(third)
            }
            let words = try #require(failed).errors
            #expect(
                words.contains("took back 0003 rename") && words.contains("↶ return traffic"),
                "\(words)",
            )
            #expect(Set(met.statuses.keys) == [200, 500, 503], "\(met)")
            #expect(try await stage.version() == "2")
            #expect(try await stage.sql(Self.column).contains("remarks"))
            let backups = try await stage.opshub("backup", "list", "-e", "production")
            #expect(backups.output.contains("was taken back"), "\(backups.output)")

            // Nothing of the row is lost on the way down and up again, which only a row can show.
            let verified = try await stage.opshub("migrate", "verify", "-e", "production", "--with-rows")
            #expect(
                verified.output.contains("with 1 row in 1 table, of backup b"),
                "\(verified.output)\(verified.errors)",
            )
            #expect(verified.output.contains("✓ 0002 rename\n"), "\(verified.output)")
            #expect(try await stage.sql("SELECT remarks FROM shipments").contains("fragile"))
        }
    }
}
