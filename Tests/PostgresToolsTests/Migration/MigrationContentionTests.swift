// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Manifest
import Testing

@testable import PostgresTools

@Suite("SQL migrations beside others", .tags(.postgres), .postgresCluster)
struct MigrationContentionTests {
    private static let shipments = """
        CREATE TABLE shipments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text NOT NULL);
        CREATE TABLE orders (id bigint);
        """
    private static let weight = "ALTER TABLE shipments ADD COLUMN weight numeric(10, 2);"

    /// A database with the tables, and whatever is pending.
    private func bench<Result: Sendable>(
        _ pending: [String: String] = [:],
        lockTimeout: Duration = .seconds(5),
        body: (MigrationBench) async throws -> Result,
    ) async throws -> Result {
        let database = try await RunningCluster.current.makeDatabase()
        return try await SQLFolder.with(["0001_a.sql": Self.shipments]) { folder in
            let bench = MigrationBench(database, .sql, SQLMigrations(lockTimeout: lockTimeout), in: folder)
            try await bench.applyAll()
            for (name, text) in pending { try bench.write(name, text) }
            return try await body(bench)
        }
    }

    @Test(
        "A table that somebody holds is waited for briefly, tried again, and then told; readers come through"
    )
    func locked() async throws {
        try await bench(lockTimeout: .seconds(2)) { bench in
            try bench.write("0002_b.sql", Self.weight)
            let holder = try await PostgresSession.connect(bench.database.endpoint)
            try await holder.query("BEGIN")
            try await holder.query("SELECT count(*) FROM shipments")

            let task = Task { try await bench.applyAll() }
            // Whoever would wait behind a migration without a limit would wait as long as the holder, which ends after it.
            while bench.lines.all.count < 4 {
                _ = try await bench.database.value("SELECT count(*) FROM shipments")
            }
            let failure = await #expect(throws: Failure.self) { try await task.value }

            #expect(failure?.isRetryable == true)
            #expect(
                failure?.message
                    .contains("0002_b.sql failed at line 1: canceling statement due to lock timeout") == true
            )
            #expect(failure?.message.hasSuffix("the schema is at 0001, as before") == true)
            #expect(bench.lines.all.filter { $0.contains("attempt") }.count == 2)
            // And so is who held it.
            let process = await holder.process
            #expect(
                failure?.evidence.first?.hasPrefix("it waited for server process \(process) (") == true,
                "\(String(describing: failure))",
            )
            #expect(failure?.evidence.first?.contains(", idle in transaction since 20") == true)
            #expect(failure?.hint?.contains("pg_terminate_backend(\(process))") == true)

            try await holder.query("COMMIT")
            try await bench.applyAll()
        }
    }

    @Test("When the holder goes in time, the migration goes through on a later attempt")
    func lockReleased() async throws {
        try await bench(lockTimeout: .milliseconds(200)) { bench in
            try bench.write("0002_b.sql", Self.weight)
            let holder = try await PostgresSession.connect(bench.database.endpoint)
            try await holder.query("BEGIN")
            try await holder.query("SELECT count(*) FROM shipments")
            let task = Task { try await bench.applyAll() }
            try await until { bench.lines.all.contains { $0.contains("attempt 2") } }
            try await holder.query("COMMIT")
            #expect(try await task.value.attempts >= 2)
        }
    }

    @Test("Two control planes that migrate at once apply everything once")
    func twoAtOnce() async throws {
        try await bench(["0002_b.sql": "SELECT pg_sleep(0.3);", "0003_c.sql": Self.weight]) { bench in
            let other = MigrationBench(bench.database, .sql, SQLMigrations(), in: bench.folder)
            let planned = ["0002", "0003"].map { MigrationRevision($0) }
            async let first = bench.apply(planned)
            async let second = other.apply(planned)
            let outcomes = [try await first, try await second]
            #expect(outcomes.map(\.applied.count).sorted() == [0, 2])
            #expect(try await bench.database.value("SELECT count(*) FROM opshub_migrations") == "3")
        }
    }

    @Test(
        "Of a deadlock with what serves nothing is left, and the migration goes through on the next attempt"
    )
    func deadlock() async throws {
        // Goes on once the other one waits for what this holds; and at once when nobody holds the orders any more.
        let crossing = """
            LOCK TABLE shipments IN ACCESS EXCLUSIVE MODE;
            DO $$ BEGIN LOOP
              EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE relation = 'shipments'::regclass AND NOT granted)
                OR NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'orders'::regclass AND pid <> pg_backend_pid());
              PERFORM pg_sleep(0.02);
            END LOOP; END $$;
            ALTER TABLE orders ADD COLUMN weight numeric(10, 2);
            """
        try await bench(["0002_cross.sql": crossing]) { bench in
            let (cluster, name) = (bench.database.cluster, bench.database.name)
            let other = try await PostgresSession.connect(try cluster.administrator(name))
            // So that it is the migration that gives up.
            try await other.query("SET deadlock_timeout = '10min'")
            try await other.query("BEGIN")
            try await other.query("INSERT INTO orders VALUES (1)")
            let task = Task { try await bench.applyAll() }
            let held = """
                SELECT count(*) FROM pg_locks WHERE relation = 'shipments'::regclass AND mode = 'AccessExclusiveLock' AND granted
                """
            try await until(.seconds(60)) { try await cluster.value(name, held) == "1" }
            // Waits until the migration has given up.
            try await other.query("SELECT count(*) FROM shipments")
            try await other.query("COMMIT")

            let outcome = try await task.value

            #expect(outcome.attempts == 2)
            #expect(bench.lines.all.contains { $0.contains("deadlock detected; attempt 2 of 3") })
            #expect(try await bench.database.value("SELECT count(weight) FROM orders") == "0")
        }
    }

    @Test(
        "An index whose building is killed is named, and in the way of every further attempt until it is dropped"
    )
    func killedIndex() async throws {
        let index = "-- opshub: no-transaction\nCREATE INDEX CONCURRENTLY ix ON shipments (reference);"
        try await bench(["0002_index.sql": index]) { bench in
            let (cluster, name) = (bench.database.cluster, bench.database.name)
            let holder = try await PostgresSession.connect(bench.database.endpoint)
            try await holder.query("BEGIN")
            try await holder.query("INSERT INTO shipments (reference) VALUES ('one')")
            let task = Task { try await bench.applyAll() }
            let building =
                "FROM pg_stat_activity WHERE datname = '\(name)' AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'"
            try await until(.seconds(60)) {
                try await cluster.value(name, "SELECT count(*) \(building)") == "1"
            }
            try await cluster.administer(name, "SELECT pg_terminate_backend(pid, 5000) \(building)")

            let failure = await #expect(throws: Failure.self) { try await task.value }

            #expect(failure?.message.contains("terminating connection due to administrator command") == true)
            #expect(failure?.evidence.contains("invalid index: public.ix") == true)
            #expect(
                failure?.hint == "drop it with DROP INDEX CONCURRENTLY public.ix, and create it again"
            )
            try await holder.query("COMMIT")
            let again = await #expect(throws: Failure.self) { try await bench.applyAll() }
            #expect(again?.message.contains("\"ix\" already exists") == true, "\(String(describing: again))")
            try await bench.database.run("DROP INDEX CONCURRENTLY ix")
            #expect(try await bench.applyAll().after == [MigrationRevision("0002")])
        }
    }
}
