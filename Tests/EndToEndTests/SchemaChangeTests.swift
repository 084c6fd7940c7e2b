// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

/// The schema goes back, alone or with a release, on the real parts: after a backup that was proven, and never half.
@Suite("A schema that goes back", .tags(.slow, .postgres))
struct SchemaChangeTests {
    private static let weight = [
        "migrations/0002_weight.sql": "ALTER TABLE shipments ADD COLUMN weight numeric;\n",
        "migrations/0002_weight.down.sql": "ALTER TABLE shipments DROP COLUMN weight;\n",
    ]
    private static let hasWeight =
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'shipments'::regclass AND attname = 'weight'"

    @Test(
        "goes back under the release that serves, forward again, and back with a rollback",
        .timeLimit(.minutes(10)),
    )
    func backAndForth() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true)) { stage in
            let create = "CREATE TABLE shipments (id int PRIMARY KEY);\nINSERT INTO shipments VALUES (1);\n"
            try #require(try await stage.push(["migrations/0001_shipments.sql": create]).isSuccess)
            try #require(try await stage.push(["behaviour.json": #"{ "version": "2" }"#]).isSuccess)
            var third = Self.weight
            third["behaviour.json"] = #"{ "version": "3" }"#
            let pushed = try await stage.push(third)
            try #require(pushed.isSuccess, "\(pushed.errors)")

            let look = try await stage.opshub(
                "migrate",
                "down",
                "-e",
                "production",
                "--to",
                "0001",
                "--dry-run",
            )
            #expect(
                look.output.hasPrefix(
                    "  takes back  0002 weight\n  loses       public.shipments.weight goes with what is in it ("
                ) && look.output.hasSuffix("\n  each goes back wholly, as an empty server has shown\n"),
                "\(look.output)",
            )
            let unsure = try await stage.opshub("migrate", "down", "-e", "production", "--to", "0001")
            #expect(
                !unsure.isSuccess && unsure.errors.contains("nobody is there to confirm it"),
                "\(unsure.errors)",
            )
            let strange = try await stage.opshub(
                "migrate",
                "down",
                "-e",
                "production",
                "--to",
                "0009",
                "--confirm",
                "production",
            )
            #expect(
                strange.errors.contains("migration 0009 is not applied in app/production/db/app"),
                "\(strange.errors)",
            )
            #expect(try await stage.sql(Self.hasWeight) == "1")

            let down = try await stage.opshub(
                "migrate",
                "down",
                "-e",
                "production",
                "--to",
                "0001",
                "--confirm",
                "production",
            )
            #expect(down.isSuccess, "\(down.errors)")
            for text in [
                "✓ backup", "✓ restore drill", "✓ take migrations back", "took back 0002 weight",
                "✓ health gate",
            ] {
                #expect(
                    "\(down.output)\(down.errors)".contains(text),
                    "\(text) is not in\n\(down.output)\(down.errors)",
                )
            }
            #expect(try await stage.sql(Self.hasWeight) == "0")
            #expect(try await stage.version() == "3")

            let up = try await stage.opshub("migrate", "up", "-e", "production", "--confirm", "production")
            #expect(
                up.isSuccess && "\(up.output)\(up.errors)".contains("applied 0002 weight"),
                "\(up.output)\(up.errors)",
            )
            #expect(try await stage.sql(Self.hasWeight) == "1")

            let answer = try await stage.opshub("rollback", "-e", "production", "--to", "r1", "--dry-run")
            for text in ["only with a down migration", "--to r1 --with-schema takes them back with it"] {
                #expect(answer.output.contains(text), "\(text) is not in\n\(answer.output)")
            }
            let back = try await stage.opshub(
                "rollback",
                "-e",
                "production",
                "--to",
                "r1",
                "--with-schema",
                "--confirm",
                "production",
            )
            #expect(back.isSuccess, "\(back.errors)")
            #expect(try await stage.version() == "1")
            #expect(try await stage.sql(Self.hasWeight) == "0")
            #expect(try await stage.rows() == "1")
            let history = try await stage.opshub("migrate", "history", "-e", "production")
            #expect(history.output.contains("taken back: weight"), "\(history.output)")
        }
    }
}
