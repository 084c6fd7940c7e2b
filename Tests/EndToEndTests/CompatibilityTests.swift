// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

/// What serves is known by its queries, and no migration that they would fail after is applied unless that was said.
@Suite("A migration that the release in service does not bear", .tags(.slow, .postgres))
struct CompatibilityTests {
    @Test("is stopped before anything is changed, and its query is named", .timeLimit(.minutes(10)))
    func broken() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true)) { stage in
            let manifest = try #require(try FileContent.text(of: "\(stage.repository)/opshub.yml"))
            let first = try await stage.push([
                "migrations/0001_shipments.sql":
                    "CREATE TABLE shipments (id int PRIMARY KEY, reference text NOT NULL, notes text);\n"
            ])
            try #require(first.isSuccess, "\(first.errors)")
            let record = "\(stage.home)/projects/app/production/accessories/db/queries.json"
            try #require(
                try await Patience.wait(.seconds(120)) {
                    try FileContent.text(of: record)?.contains("\"r1\"") == true
                }
            )
            _ = try await stage.sql("SELECT notes FROM shipments WHERE reference = 'secret 4711'")
            let drop = ["migrations/0002_drop.sql": "ALTER TABLE shipments DROP COLUMN notes;\n"]
            let second = try await stage.push(drop)
            #expect(!second.isSuccess)
            for text in [
                "✗ plan",
                "migration 0002 fails queries of what serves: r1 fails with column \"notes\" does not exist: SELECT notes FROM shipments WHERE reference = $1 (run 1 times in ",
                "environments.production.refuse_migrations does not let that through",
                "or say in the same commit what you let through: refuse_migrations: []",
            ] {
                #expect(second.errors.contains(text), "\(text) is not in\n\(second.errors)")
            }
            #expect(!second.errors.contains("▸ backup") && !second.errors.contains("4711"))
            let lint = try await stage.opshub("migrate", "lint", "-e", "production")
            #expect(
                lint.ending == .exited(1) && lint.output.contains("0002: fails queries of what serves"),
                "\(lint.output)",
            )

            let knowing = manifest.replacing(
                "    branch: main\n",
                with: "    branch: main\n    refuse_migrations: []\n",
            )
            let third = try await stage.push(["opshub.yml": knowing])
            #expect(third.isSuccess, "\(third.errors)")
            let answer = try await stage.opshub("rollback", "-e", "production", "--dry-run")
            #expect(
                "\(answer.output)\(answer.errors)"
                    .contains("migration 0002 was applied since, and r1 fails with column"),
                "\(answer.output)\(answer.errors)",
            )
        }
    }
}
