// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Manifest
import Testing

@testable import PostgresTools

@Suite("SQL migrations of a real database", .tags(.postgres), .postgresCluster)
struct SQLMigrationsTests {
    private static let shipments = """
        CREATE TABLE shipments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text NOT NULL);
        CREATE INDEX ix_reference ON shipments (reference);
        """
    private static let weight = "ALTER TABLE shipments ADD COLUMN weight numeric(10, 2);"

    private func bench<Result: Sendable>(
        _ files: [String: String],
        lockTimeout: Duration = .seconds(5),
        body: (MigrationBench) async throws -> Result,
    ) async throws -> Result {
        let database = try await RunningCluster.current.makeDatabase()
        return try await SQLFolder.with(files) { folder in
            try await body(
                MigrationBench(database, .sql, SQLMigrations(lockTimeout: lockTimeout), in: folder)
            )
        }
    }

    @Test("They are applied in order, once, by the application's own role, and recorded")
    func success() async throws {
        try await bench(["0001_create_shipments.sql": Self.shipments, "0002_weight.sql": Self.weight]) {
            bench in
            let before = try await bench.outlook()
            #expect(before.current.isEmpty)
            #expect(before.pending.map(\.description) == ["0001 create shipments", "0002 weight"])
            #expect(try await bench.database.value("SELECT to_regclass('opshub_migrations') IS NULL") == "t")

            let outcome = try await bench.applyAll()

            #expect(outcome.after == [MigrationRevision("0002")])
            #expect(outcome.applied.count == 2)
            let owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'shipments'"
            #expect(try await bench.database.value(owner) == "tracehub")
            let records = try await bench.database.value(
                "SELECT string_agg(revision || ' ' || name || ' ' || statements, ', ' ORDER BY revision) "
                    + "FROM opshub_migrations WHERE finished_at >= started_at AND length(checksum) = 64"
            )
            #expect(records == "0001 0001_create_shipments.sql 2, 0002 0002_weight.sql 1")
            #expect(
                bench.lines.all.map { $0.prefix(12) } == [
                    "applying 000", "applied 0001", "applying 000", "applied 0002",
                ]
            )

            let again = try await bench.applyAll()
            #expect(again.applied.isEmpty)
            #expect(try await bench.outlook().pending.isEmpty)
        }
    }

    @Test("A statement that fails undoes its whole file, keeps those before, and is told by line and words")
    func failure() async throws {
        let broken = """
            -- The second statement is wrong.
            CREATE TABLE half (id int);

            UPDATE shipments
            SET weight = weight_lb * 0.45;
            """
        try await bench(["0001_a.sql": Self.shipments, "0002_b.sql": Self.weight, "0003_broken.sql": broken])
        { bench in
            let failure = await #expect(throws: Failure.self) { try await bench.applyAll() }

            #expect(failure?.code == .migrationFailed)
            #expect(
                failure?.message
                    == "migration 0003_broken.sql failed at line 5: column \"weight_lb\" does not exist; "
                    + "the schema is at 0002 now, it was at its very beginning"
            )
            #expect(failure?.cause == "column \"weight_lb\" does not exist (SQLSTATE 42703)")
            #expect(failure?.evidence.first == "statement: UPDATE shipments\nSET weight = weight_lb * 0.45")
            #expect(failure?.isRetryable == false)
            #expect(try await bench.database.value("SELECT to_regclass('half') IS NULL") == "t")
            #expect(try await bench.outlook().current == [MigrationRevision("0002")])

            try bench.write("0003_broken.sql", "CREATE TABLE whole (id int);")
            #expect(try await bench.applyAll().applied.map(\.id) == [MigrationRevision("0003")])
        }
    }

    @Test("An applied file that was changed is refused before anything is run")
    func changed() async throws {
        try await bench(["0001_a.sql": Self.shipments]) { bench in
            try await bench.applyAll()
            try bench.write("0001_a.sql", Self.shipments + "-- changed")
            try bench.write("0002_b.sql", Self.weight)
            let failure = await #expect(throws: Failure.self) {
                try await bench.apply([MigrationRevision("0002")])
            }
            #expect(
                failure?.message
                    == "the migrations don't fit the database: 0001_a.sql was changed after it was applied"
            )
            #expect(try await bench.database.value("SELECT count(*) FROM opshub_migrations") == "1")
        }
    }

    @Test("Gaps in the files are refused by the outlook already")
    func gaps() async throws {
        try await bench(["0001_a.sql": Self.shipments, "0003_c.sql": Self.weight]) { bench in
            let failure = await #expect(throws: Failure.self) { try await bench.outlook() }
            #expect(failure?.code == .migrationFailed)
            #expect(failure?.message.contains("0003_c.sql comes after 0001_a.sql") == true)
        }
    }

    @Test("A target that is not among the files is refused")
    func strangeTarget() async throws {
        try await bench(["0001_a.sql": Self.shipments]) { bench in
            let failure = await #expect(throws: Failure.self) {
                try await bench.tool.apply([MigrationRevision("0009")], of: bench.job) { _ in }
            }
            #expect(failure?.message.hasPrefix("there is no migration 0009 in ") == true)
        }
    }

    @Test("Only what comes up to the target is applied")
    func upTo() async throws {
        try await bench(["0001_a.sql": Self.shipments, "0002_b.sql": Self.weight]) { bench in
            try await bench.tool.apply([MigrationRevision("0001")], of: bench.job) { _ in }
            #expect(try await bench.outlook().pending.map(\.id) == [MigrationRevision("0002")])
        }
    }

    @Test("Without a transaction CREATE INDEX CONCURRENTLY works, statement by statement")
    func concurrently() async throws {
        let index = """
            -- opshub: no-transaction
            CREATE INDEX CONCURRENTLY ix_lower ON shipments (lower(reference));
            VACUUM shipments;
            """
        try await bench(["0001_a.sql": Self.shipments, "0002_index.sql": index]) { bench in
            try await bench.applyAll()
            #expect(try await bench.database.value("SELECT to_regclass('ix_lower') IS NOT NULL") == "t")
            let record =
                "SELECT statements || ' ' || (finished_at IS NOT NULL) FROM opshub_migrations WHERE revision = '0002'"
            #expect(try await bench.database.value(record) == "2 true")
        }
    }

    @Test("In a transaction CREATE INDEX CONCURRENTLY fails with the server's words")
    func concurrentlyInTransaction() async throws {
        let index = "CREATE INDEX CONCURRENTLY ix ON shipments (reference);"
        try await bench(["0001_a.sql": Self.shipments, "0002_index.sql": index]) { bench in
            let failure = await #expect(throws: Failure.self) { try await bench.applyAll() }
            #expect(
                failure?.message.contains("CREATE INDEX CONCURRENTLY cannot run inside a transaction block")
                    == true
            )
        }
    }

    @Test(
        "A file without a transaction that fails half-way goes on from there when it is mended from there on"
    )
    func resumed() async throws {
        let text = "-- opshub: no-transaction\nCREATE TABLE one ();\nCREATE TABLE two (x nothing);\n"
        try await bench(["0001_steps.sql": text]) { bench in
            let failure = await #expect(throws: Failure.self) { try await bench.applyAll() }
            #expect(
                failure?.message
                    .hasPrefix("migration 0001_steps.sql failed at line 3: type \"nothing\" does not exist")
                    == true
            )
            #expect(try await bench.outlook().pending.count == 1)
            #expect(try await bench.database.value("SELECT statements FROM opshub_migrations") == "1")

            try bench.write("0001_steps.sql", text.replacing("nothing", with: "int"))
            let changed = await #expect(throws: Failure.self) { try await bench.applyAll() }
            #expect(changed?.message.contains("was changed after it was begun") == true)

            try bench.write("0001_steps.sql", text)
            try await bench.database.run("CREATE DOMAIN nothing AS int")
            try await bench.applyAll()
            #expect(bench.lines.all.contains("applying 0001_steps.sql from its statement 2 on"))
            #expect(try await bench.database.value("SELECT to_regclass('two') IS NOT NULL") == "t")
        }
    }

    @Test("An index that could not be built is named, and stays named until it is dropped")
    func invalidIndex() async throws {
        let index = "-- opshub: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY ux ON shipments (reference);"
        try await bench(["0001_a.sql": Self.shipments]) { bench in
            try await bench.applyAll()
            try await bench.database.run("INSERT INTO shipments (reference) VALUES ('same'), ('same')")
            try bench.write("0002_unique.sql", index)

            let failure = await #expect(throws: Failure.self) { try await bench.applyAll() }

            #expect(
                failure?.message
                    .hasPrefix("migration 0002_unique.sql failed at line 2: could not create unique index")
                    == true
            )
            #expect(failure?.evidence.contains("invalid index: public.ux") == true)
            #expect(failure?.hint == "drop it with DROP INDEX CONCURRENTLY public.ux, and create it again")

            // The usual "cure" that hides the trouble.
            try await bench.database.run("DELETE FROM opshub_migrations WHERE revision = '0002'")
            try bench.write(
                "0002_unique.sql",
                index.replacing("CONCURRENTLY ux", with: "CONCURRENTLY IF NOT EXISTS ux"),
            )
            let hidden = await #expect(throws: Failure.self) { try await bench.applyAll() }
            #expect(
                hidden?.message.hasPrefix("the migrations left, as it was before, index public.ux") == true
            )
        }
    }

    @Test("While a backup runs nothing is applied, and the backup is named")
    func backupRuns() async throws {
        try await bench(["0001_a.sql": Self.shipments]) { bench in
            let job = bench.job(timeout: .milliseconds(400))
            let layout = bench.database.cluster.home.layout
            let ground = PostgresMigrationRehearsal(layout: layout, tools: [.sql: bench.tool])
            let migrations = Migrations(
                tools: [.sql: bench.tool],
                lock: PostgresDatabaseLock(layout: layout),
                inspector: PostgresSchemaInspector(layout: layout),
                rehearsal: ground,
                ground: ground,
            )
            let other = PostgresDatabaseLock(layout: layout)
            try await other.hold(bench.database.target, for: "backup b3", waiting: .seconds(10)) {
                let failure = await #expect(throws: Failure.self) {
                    try await migrations.apply([MigrationRevision("0001")], of: job, with: .sql)
                }
                #expect(failure?.code == .conflict)
                #expect(failure?.message.contains("in use by opshub backup b3") == true)
            }
            #expect(try await bench.database.value("SELECT to_regclass('shipments') IS NULL") == "t")
        }
    }

    @Test("A cancelled migration leaves its transaction undone and no session behind")
    func cancelled() async throws {
        let slow = Self.shipments + "SELECT pg_sleep(60);"
        try await bench(["0001_slow.sql": slow]) { bench in
            let task = Task { try await bench.applyAll() }
            let query =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(bench.database.name)' AND query LIKE '%pg_sleep(60)' AND state = 'active'"
            let cluster = bench.database.cluster
            try await until { try await cluster.value("postgres", query) == "1" }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await until { try await cluster.value("postgres", query) == "0" }
            #expect(try await bench.database.value("SELECT to_regclass('shipments') IS NULL") == "t")
        }
    }

    @Test("A migration whose session is killed leaves nothing behind and goes through the next time")
    func sessionKilled() async throws {
        try await bench(["0001_slow.sql": Self.shipments + "SELECT pg_sleep(60);"]) { bench in
            let task = Task { try await bench.applyAll() }
            let cluster = bench.database.cluster
            let mine =
                "FROM pg_stat_activity WHERE datname = '\(bench.database.name)' AND query LIKE '%pg_sleep(60)' AND state = 'active'"
            try await until { try await cluster.value("postgres", "SELECT count(*) \(mine)") == "1" }
            try await cluster.administer("postgres", "SELECT pg_terminate_backend(pid, 5000) \(mine)")

            let failure = await #expect(throws: Failure.self) { try await task.value }

            #expect(failure?.code == .migrationFailed)
            #expect(failure?.message.contains("terminating connection due to administrator command") == true)
            #expect(failure?.message.hasSuffix("the schema is at its very beginning, as before") == true)
            try bench.write("0001_slow.sql", Self.shipments)
            #expect(try await bench.applyAll().after == [MigrationRevision("0001")])
        }
    }

    @Test("A statement that takes longer than the job may is ended by the server or by us")
    func tooSlow() async throws {
        try await bench(["0001_slow.sql": "SELECT pg_sleep(60);"]) { bench in
            let job = bench.job(timeout: .milliseconds(300))
            let failure = await #expect(throws: Failure.self) {
                try await bench.tool.apply([MigrationRevision("0001")], of: job) { _ in }
            }
            #expect([Failure.Code.migrationFailed, .deadlineExceeded].contains(failure?.code))
            #expect(failure?.isRetryable == (failure?.code == .deadlineExceeded))
        }
    }

    @Test("Without DATABASE_URL, or with a server that is away, that is told")
    func noServer() async throws {
        try await bench(["0001_a.sql": Self.shipments]) { bench in
            let without = bench.job(variables: [:])
            let missing = await #expect(throws: Failure.self) { try await bench.tool.status(of: without) }
            #expect(missing?.message.contains("there is no DATABASE_URL") == true)
            let elsewhere = bench.job(variables: [
                "DATABASE_URL": Secret("postgresql://a:secret-word@127.0.0.1:1/x")
            ])
            let away = await #expect(throws: Failure.self) { try await bench.tool.status(of: elsewhere) }
            #expect(away?.code == .unreachable)
            #expect(!"\(String(describing: away))".contains("secret-word"))
        }
    }
}
