// SPDX-License-Identifier: Apache-2.0
import API
import Foundation
import HostSystem
import Testing

/// A release with a schema change: backed up and proven first, and stopped when it does not apply.
@Suite("A release with migrations", .tags(.slow, .postgres))
struct DatabaseTests {
    fileprivate static let create = "CREATE TABLE shipments (id int PRIMARY KEY, reference text NOT NULL);\n"

    @Test("is backed up, proven, migrated; and a broken one changes nothing", .timeLimit(.minutes(10)))
    func migrations() async throws {
        try await Stage.with(.init(hasDatabase: true)) { stage in
            let first = try await stage.push(["migrations/0001_shipments.sql": Self.create])
            #expect(first.isSuccess, "\(first.errors)")
            for text in ["✓ backup", "✓ restore drill", "✓ migrate", "✓ health gate after migration"] {
                #expect(first.errors.contains(text), "\(text) is not in\n\(first.errors)")
            }
            let broken =
                "ALTER TABLE shipments ADD COLUMN weight numeric;\nALTER TABLE nowhere ADD COLUMN x int;\n"
            let second = try await stage.push(["migrations/0002_weight.sql": broken])
            #expect(!second.isSuccess)
            for text in ["✗ migrate", "0002", "nowhere", "does not exist", "stop the incoming release: done"]
            {
                #expect(second.errors.contains(text), "\(text) is not in\n\(second.errors)")
            }
            #expect(try await stage.version().contains("1"))
            #expect(second.errors.contains("verdict on 0002: may fail"), "\(second.errors)")
            let plan = try await stage.opshub("plan", "-e", "production")
            for text in [
                "migration  0002 weight: may fail", "failed at line 2: relation \"nowhere\" does not exist",
            ] {
                #expect(plan.output.contains(text), "\(text) is not in\n\(plan.output)")
            }
            #expect(try Folder.names(in: "\(stage.home)/previews").isEmpty)
            let mended = try await stage.push(
                ["migrations/0002_weight.sql": "ALTER TABLE shipments ADD COLUMN weight numeric;\n"]
            )
            #expect(mended.isSuccess, "\(mended.errors)")

            try await asked(stage)

            let breaking = try await stage.push([
                "migrations/0003_slow.sql": "SELECT pg_sleep(3);\n",
                "behaviour.json": #"{ "version": "9", "unhealthy_after_ms": 1500 }"#,
            ])
            for text in ["✓ health gate", "✓ migrate", "✗ health gate after migration", "answered 503"] {
                #expect(breaking.errors.contains(text), "\(text) is not in\n\(breaking.errors)")
            }
            #expect(try await stage.version().contains("1"))

            let made = try await stage.opshub("backup", "create", "-e", "production")
            #expect(made.isSuccess && made.output.contains("verified"), "\(made.output)\(made.errors)")
            let listed = try await stage.opshub("backup", "list", "-e", "production")
            #expect(listed.output.split(separator: "\n").count == 6, "\(listed.output)")
            #expect(made.errors.contains("nobody has the recovery key yet"), "\(made.errors)")
            let shown = try await stage.opshub("backup", "show", "b1")
            for text in ["b1 of app/production/db/app, verified", "made by    pg_dump 15.", "  key        "] {
                #expect(shown.output.contains(text), "\(text) is not in\n\(shown.output)\(shown.errors)")
            }
            let roles = try await stage.opshub("backup", "show", "b1", "--roles")
            #expect(
                roles.output.contains("CREATE ROLE app;") && !roles.output.contains("SCRAM"),
                "\(roles.output)",
            )
            let exported = try await stage.opshub("backup", "export-key")
            #expect(exported.output.hasPrefix("opshub-key-1 "))
            try FileContent.write(Array(exported.output.utf8), to: "\(stage.root)/recovery.key")
            let reminded = try await stage.opshub("backup", "list", "-e", "production")
            #expect(!reminded.errors.contains("recovery key"), "\(reminded.errors)")
            let restored = try await stage.opshub(
                "backup",
                "restore",
                "--from",
                "\(stage.home)/projects/app/production/backups/b1",
                "--key",
                "\(stage.root)/recovery.key",
                "--out",
                "\(stage.root)/b1.dump",
            )
            #expect(restored.isSuccess, "\(restored.errors)")
            let dump = try #require(try FileContent.bytes(of: "\(stage.root)/b1.dump"))
            #expect(dump.starts(with: "PGDMP".utf8))
            let kept = try await stage.opshub("backup", "prune", "-e", "production", "--dry-run")
            #expect(
                kept.output.contains("stays") && !kept.output.contains("goes"),
                "\(kept.output)\(kept.errors)",
            )
            let verified = try await stage.opshub("backup", "verify", "b1")
            #expect(verified.isSuccess, "\(verified.errors)")

            let manifest = try #require(try FileContent.text(of: "\(stage.repository)/opshub.yml"))
            let moved = manifest.replacing(
                "db: \(stage.ports.database)",
                with: "db: \(stage.ports.database + 1)",
            )
            let refused = try await stage.push(["opshub.yml": moved])
            #expect(!refused.isSuccess)
            #expect(
                refused.errors.contains("is in use on port \(stage.ports.database)"),
                "\(refused.errors)",
            )
            #expect(try await stage.version().contains("1"))

            let path = "\(stage.home)/projects/app/production/backups/b1/dump"
            var bytes = try #require(try FileContent.bytes(of: path))
            bytes[bytes.count / 2] ^= 0xFF
            try FileContent.write(bytes, to: path)
            let disproved = try await stage.opshub("backup", "verify", "b1")
            #expect(disproved.ending == .exited(1), "\(disproved.output)")
            #expect(disproved.errors.contains("b1"), "\(disproved.errors)")
            let after = try await stage.opshub("backup", "list", "-e", "production")
            #expect(after.output.contains("failed"), "\(after.output)")
        }
    }
}

extension DatabaseTests {
    /// What `opshub migrate` says after 0001 and 0002.
    private func asked(_ stage: Stage) async throws {
        let status = try await stage.opshub("migrate", "status", "-e", "production")
        #expect(status.output == "r3: the schema is at 0002\n  nothing is pending\n", "\(status.errors)")
        let history = try await stage.opshub("migrate", "history", "-e", "production")
        #expect(history.output.contains("0002") && history.output.contains("d3"), "\(history.output)")
        let lint = try await stage.opshub("migrate", "lint", "-e", "production")
        #expect(lint.isSuccess && lint.output == "nothing is pending\n", "\(lint.output)\(lint.errors)")
        let verified = try await stage.opshub("migrate", "verify", "-e", "production")
        #expect(verified.isSuccess, "\(verified.output)\(verified.errors)")
        #expect(verified.output.contains("can't be taken back: no file says how 0001"), "\(verified.output)")
        let report = try await stage.json(VerificationView.self, "migrate", "verify", "-e", "production")
        #expect(
            report.release == "r3" && report.isGood && report.entries.map(\.revision) == ["0001", "0002"]
        )
        let failed = try await stage.opshub(
            "migrate",
            "verify",
            "-e",
            "production",
            "--release",
            "r2",
            "--markdown",
        )
        #expect(failed.ending == .exited(1), "\(failed.errors)")
        #expect(failed.output.contains("| ✗ | `0002` weight | does not apply: "), "\(failed.output)")
    }

    @Test("is refused where it does what the environment does not let through", .timeLimit(.minutes(10)))
    func refused() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true)) { stage in
            let manifest = try #require(try FileContent.text(of: "\(stage.repository)/opshub.yml"))
            let careful = manifest.replacing(
                "    branch: main\n",
                with: "    branch: main\n    refuse_migrations: [loses-data, may-fail]\n",
            )
            let rows = "INSERT INTO shipments VALUES (1, 'x');\n"
            let first = try await stage.push([
                "opshub.yml": careful, "migrations/0001_shipments.sql": Self.create + rows,
            ])
            try #require(first.isSuccess, "\(first.errors)")
            let second = try await stage.push(
                ["migrations/0002_less.sql": "ALTER TABLE shipments DROP COLUMN reference;\n"]
            )
            #expect(!second.isSuccess)
            for text in [
                "✗ plan", "migration 0002 loses data: public.shipments.reference",
                "environments.production.refuse_migrations does not let that through",
            ] {
                #expect(second.errors.contains(text), "\(text) is not in\n\(second.errors)")
            }
            #expect(!second.errors.contains("▸ backup"))
            let lint = try await stage.opshub("migrate", "lint", "-e", "production")
            #expect(
                lint.ending == .exited(1) && lint.output.contains("refused: migration 0002"),
                "\(lint.output)",
            )
            try await Self.verified(stage, careful)
        }
    }

    /// A migration that must be taken down and up again, and a way down that is missing, leaves something, and is whole.
    private static func verified(_ stage: Stage, _ manifest: String) async throws {
        let strict = manifest.replacing("[loses-data, may-fail]", with: "[fails-verification, irreversible]")
        let up = "CREATE TYPE mood AS ENUM ('calm');\nALTER TABLE shipments ADD COLUMN mood mood;\n"
        let without = try await stage.push(["opshub.yml": strict, "migrations/0002_less.sql": up])
        #expect(!without.isSuccess)
        #expect(without.errors.contains("migration 0002 can't be taken back: "), "\(without.errors)")
        #expect(!without.errors.contains("▸ backup"))
        let down = "migrations/0002_less.down.sql"
        let half = try await stage.push([down: "ALTER TABLE shipments DROP COLUMN mood;\n"])
        #expect(!half.isSuccess)
        #expect(
            half.errors.contains(
                "migration 0002 is not verified: leaves behind when it is taken back: TYPE public.mood"
            ),
            "\(half.errors)",
        )
        #expect(try await stage.sql("SELECT to_regtype('mood') IS NULL") == "t")
        let whole = try await stage.push([down: "ALTER TABLE shipments DROP COLUMN mood;\nDROP TYPE mood;\n"])
        #expect(whole.isSuccess, "\(whole.errors)")
        #expect(whole.errors.contains("verdict on 0002: safe"), "\(whole.errors)")
    }

    @Test(
        "is stopped by a backup that can't be made or does not restore, and migrates nothing",
        .timeLimit(.minutes(10)),
    )
    func unproven() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true)) { stage in
            // pg_dump restores with an empty search path, in which this constraint does not know `parents`.
            let unrestorable =
                Self.create + """
                    CREATE TABLE parents (id int PRIMARY KEY);
                    CREATE FUNCTION known(int) RETURNS bool LANGUAGE sql
                        AS 'SELECT EXISTS (SELECT FROM parents WHERE id = $1)';
                    CREATE TABLE children (parent int CHECK (known(parent)));
                    INSERT INTO parents VALUES (1);
                    INSERT INTO children VALUES (1);

                    """
            let first = try await stage.push(["migrations/0001_shipments.sql": unrestorable])
            try #require(first.isSuccess, "\(first.errors)")
            let next = ["migrations/0002_more.sql": "CREATE TABLE more (id int);\n"]
            let undrilled = try await stage.push(next)
            #expect(!undrilled.isSuccess)
            for text in ["✓ backup", "✗ restore drill", "parents", "hint: "] {
                #expect(undrilled.errors.contains(text), "\(text) is not in\n\(undrilled.errors)")
            }
            #expect(!undrilled.errors.contains("▸ migrate"))

            let backups = "\(stage.home)/projects/app/production/backups"
            try Folder.rename(backups, to: "\(backups).aside")
            try DurableFile.write("in the way", to: backups)
            let unmade = try await stage.push(["note.txt": "again"])
            #expect(unmade.errors.contains("✗ backup"), "\(unmade.errors)")
            #expect(!unmade.errors.contains("▸ migrate"))
            #expect(try await stage.version().contains("1"))
        }
    }

    @Test(
        "never shows the password of its database, whatever the service prints (Invariant 8)",
        .timeLimit(.minutes(10)),
    )
    func password() async throws {
        try await Stage.with(.init(healthWithin: "2s", hasDatabase: true)) { stage in
            let result = try await stage.push([
                "migrations/0001_shipments.sql": Self.create,
                "behaviour.json":
                    #"{ "version": "1", "leak_secret_env": "DATABASE_URL", "health_status": 503 }"#,
            ])
            #expect(!result.isSuccess)
            #expect(result.errors.contains("starting with DATABASE_URL=•••"), "\(result.errors)")
            let logs = try await stage.opshub("logs", "-e", "production", "--release", "r1")
            #expect(logs.output.contains("starting with DATABASE_URL=•••"), "\(logs.output)\(logs.errors)")
            let events = try await stage.opshub("events", "d1", "--json")
            let file = "\(stage.home)/projects/app/production/accessories/db/password"
            let password = try #require(try FileContent.text(of: file)).split(separator: "\n")[0]
            for text in [result.errors, logs.output, events.output, try stage.serveLog()] {
                #expect(!text.contains(password))
            }
            let state = ["\(stage.home)/opshub.db", "\(stage.home)/opshub.db-wal"]
            let found = try await stage.runner.run(Program("grep", ["-ca", "-e", String(password)] + state))
            #expect(found.output == state.map { "\($0):0\n" }.joined())
        }
    }

    @Test(
        "that lead out of the release through a link is refused before anything is changed",
        .timeLimit(.minutes(10)),
    )
    func link() async throws {
        try await Stage.with(.init(hasDatabase: true)) { stage in
            let outside = "\(stage.root)/outside"
            try Folder.make(outside, mode: 0o755)
            try DurableFile.write(Self.create, to: "\(outside)/0001_shipments.sql")
            try FileManager.default.createSymbolicLink(
                atPath: "\(stage.repository)/migrations",
                withDestinationPath: outside,
            )
            let result = try await stage.push([:])
            #expect(!result.isSuccess)
            #expect(
                result.errors.contains("migrations leads out of release r1 through a link"),
                "\(result.errors)",
            )
        }
    }
}

extension Tag {
    /// Needs a PostgreSQL server.
    @Tag static var postgres: Self
}
