// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Manifest
import Testing

@testable import PostgresTools

@Suite("Queries of the release that serves", .tags(.postgres), .postgresCluster, .serialized)
struct RecordedQueryTests {
    private static let schema = """
        CREATE TABLE shipments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text NOT NULL, notes text);
        CREATE TABLE customers (id bigint PRIMARY KEY, name text);
        """

    private func bench(
        _ files: [String: String],
        body: (MigrationBench, PostgresQueryRecorder) async throws -> Void,
    ) async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase()
        try await SQLFolder.with(["0001_create.sql": Self.schema]) { folder in
            var bench = MigrationBench(database, .sql, SQLMigrations(), in: folder)
            try await bench.applyAll()
            (bench.serving, bench.servingSince) = ("r2", "d2")
            for (name, text) in files { try bench.write(name, text) }
            try await body(bench, PostgresQueryRecorder(layout: cluster.home.layout))
        }
    }

    @Test(
        "that fail on the new schema are named, with the server's words; those of an earlier release are not"
    )
    func broken() async throws {
        let files = [
            "0002_drop.sql": "ALTER TABLE shipments DROP COLUMN notes;",
            "0003_add.sql": "ALTER TABLE customers ADD COLUMN reference text;",
            "0004_fine.sql": "CREATE TABLE parcels (id bigint);",
        ]
        try await bench(files) { bench, recorder in
            let database = bench.database
            try await database.run("SELECT id FROM customers WHERE name = 'an earlier release'")
            #expect(try await recorder.begin("r2", since: "d2", of: database.target) == nil)
            for number in 1...3 {
                try await database.run("SELECT id, notes FROM shipments WHERE reference = 'R\(number)'")
            }
            try await database.run(
                "SELECT reference FROM shipments s JOIN customers c ON c.id = s.id WHERE name = 'x'",
                "SELECT count(*) FROM shipments",
                "SELECT now() - interval '1 day'",
            )
            // A record that has begun goes on.
            #expect(try await recorder.begin("r2", since: "d2", of: database.target) == nil)
            let verdicts = try await bench.verdicts()
            try #require(verdicts.count == 3)
            let dropped = verdicts[0].findings.map(\.sentence)
            #expect(
                dropped.first?
                    .hasPrefix(
                        "r2 fails with column \"notes\" does not exist: SELECT id, notes FROM shipments WHERE reference = $1 (run 3 times in "
                    ) == true,
                "\(dropped)",
            )
            // Nothing is gone, and yet it is broken.
            #expect(verdicts[1].hazards == [.breaksQueries])
            #expect(
                verdicts[1].findings.first?.sentence.contains("column reference \"reference\" is ambiguous")
                    == true
            )
            #expect(verdicts[2].findings == [])
            #expect(
                verdicts[2].remark?.hasPrefix("1 queries recorded in the ") == true,
                "\(verdicts[2])",
            )
            #expect(!"\(verdicts)".contains("earlier"))
        }
    }

    @Test("are not failed by what a migration sets for itself, and are where an index that they name is gone")
    func settings() async throws {
        let files = [
            "0002_path.sql":
                "SELECT pg_catalog.set_config('search_path', '', false); ALTER TABLE public.customers ADD COLUMN tier int;",
            "0003_index.sql":
                "ALTER TABLE public.customers DROP CONSTRAINT customers_pkey; ALTER TABLE public.customers ADD PRIMARY KEY (id, name);",
        ]
        try await bench(files) { bench, recorder in
            let database = bench.database
            #expect(try await recorder.begin("r2", since: "d2", of: database.target) == nil)
            try await database.run(
                "INSERT INTO customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name"
            )
            let verdicts = try await bench.verdicts()
            try #require(verdicts.count == 2)
            #expect(verdicts[0].findings == [], "\(verdicts[0])")
            #expect(
                verdicts[1].findings.first?.sentence
                    .hasPrefix(
                        "r2 fails with there is no unique or exclusion constraint matching the ON CONFLICT"
                    ) == true,
                "\(verdicts[1])",
            )
        }
    }

    @Test("are counted without running anything that an application has put in the way")
    func operators() async throws {
        try await bench(["0002_drop.sql": "ALTER TABLE shipments DROP COLUMN notes;"]) { bench, recorder in
            let (database, cluster) = (bench.database, bench.database.cluster)
            // As PostgreSQL 14 and earlier ones have it, and what was upgraded from there.
            try await cluster.administer("postgres", "GRANT CREATE ON SCHEMA public TO PUBLIC")
            // Whoever has made it may run it; nobody else shall.
            let body = """
                $$ BEGIN
                    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                        RAISE EXCEPTION 'a trap run by %', current_user;
                    END IF;
                    RETURN concat($1, $2);
                END $$
                """
            let trap = [
                "CREATE FUNCTION public.trap(oid, text) RETURNS text LANGUAGE plpgsql AS \(body)",
                "CREATE FUNCTION public.trap(name, text) RETURNS text LANGUAGE plpgsql AS \(body)",
                "CREATE OPERATOR public.|| (FUNCTION = public.trap, LEFTARG = oid, RIGHTARG = text)",
                "CREATE OPERATOR public.|| (FUNCTION = public.trap, LEFTARG = name, RIGHTARG = text)",
            ]
            try await database.run(trap)
            try await TestDatabase(cluster: cluster, name: "postgres").run(trap)
            #expect(try await recorder.begin("r2", since: "d2", of: database.target) == nil)
            try await database.run("SELECT id FROM shipments")
            let verdicts = try await bench.verdicts()
            #expect(
                verdicts.first?.findings.first?.sentence.contains("nothing that was recorded does") == true
            )
        }
    }

    @Test("that leave out what is required now, and functions that name what is gone")
    func required() async throws {
        let files = [
            "0002_require.sql":
                "UPDATE shipments SET notes = '' WHERE notes IS NULL; ALTER TABLE shipments ALTER COLUMN notes SET NOT NULL;",
            "0003_drop.sql": "ALTER TABLE customers DROP COLUMN name;",
        ]
        try await bench(files) { bench, recorder in
            let database = bench.database
            #expect(try await recorder.begin("r2", since: "d2", of: database.target) == nil)
            try await database.run(
                "INSERT INTO public.shipments (reference) VALUES ('R1') RETURNING id",
                """
                CREATE FUNCTION greet() RETURNS text LANGUAGE plpgsql AS
                $$ BEGIN RETURN (SELECT max(Name) FROM customers); END $$
                """,
                "SELECT greet()",
            )
            let verdicts = try await bench.verdicts()
            try #require(verdicts.count == 2)
            #expect(
                verdicts[0].findings
                    .contains {
                        $0.sentence.hasPrefix(
                            "public.shipments.notes must have a value now, and r2 gives none: INSERT INTO public.shipments (reference) VALUES ($1) RETURNING id (run 1 times"
                        )
                    },
                "\(verdicts[0].findings)",
            )
            #expect(
                verdicts[1].findings
                    .contains {
                        $0.sentence == "public.customers.name is gone, and function public.greet names it"
                    },
                "\(verdicts[1].findings)",
            )
        }
    }

    @Test("are not known of another release, of another database, and where they are not counted")
    func unknown() async throws {
        try await bench(["0002_drop.sql": "ALTER TABLE shipments DROP COLUMN notes;"]) { bench, recorder in
            let cluster = bench.database.cluster
            #expect(try await recorder.begin("r1", since: "d2", of: bench.database.target) == nil)
            let other = try await bench.verdicts().first?.findings.first?.sentence
            #expect(
                other?
                    .hasSuffix("its queries are not known: r2 has not served alone yet, or only for a moment")
                    == true
            )
            try await cluster.administer(
                "postgres",
                "ALTER SYSTEM SET pg_stat_statements.track = none",
                "SELECT pg_reload_conf()",
            )
            try await until {
                try await recorder.begin("r2", since: "d2", of: bench.database.target)
                    == "pg_stat_statements.track is none there"
            }
            try await cluster.administer(
                "postgres",
                "ALTER SYSTEM RESET pg_stat_statements.track",
                "SELECT pg_reload_conf()",
            )
            try await until { try await recorder.begin("r2", since: "d2", of: bench.database.target) == nil }
            let watched = try await bench.verdicts().first
            #expect(
                watched?.findings.first?.sentence.contains("nothing that was recorded does, but that is of ")
                    == true,
                "\(String(describing: watched))",
            )
            let nowhere = DatabaseTarget(cluster.home.environment, cluster.accessoryName, "nowhere")
            let failure = await #expect(throws: Failure.self) {
                try await recorder.begin("r2", since: "d2", of: nowhere)
            }
            #expect(failure?.code == .notFound)
        }
    }

    @Test("are counted from nothing after a crash, and not all known once the server has forgotten some")
    func gaps() throws {
        func entry(_ key: String, _ calls: Int64, _ text: String? = "SELECT 1") -> QueryCounts.Entry {
            QueryCounts.Entry(key: key, calls: calls, text: text)
        }
        let begin = QueryCounts(
            now: 1000,
            reset: 10,
            evictions: 1,
            entries: [entry("a", 5), entry("b", 7)],
        )
        let baseline = QueryBaseline(begin, of: "r2", since: "d2")
        let later = QueryCounts(
            now: 100_000,
            reset: 10,
            evictions: 1,
            entries: [entry("a", 5), entry("b", 9), entry("c", 1, "SELECT 2")],
        )
        let record = baseline.record(later)
        #expect(
            record.queries == [RecordedQuery("SELECT 1", calls: 2), RecordedQuery("SELECT 2", calls: 1)]
        )
        #expect(record.observed == .seconds(99_000) && record.isWhole)
        let evicted = QueryCounts(now: 2000, reset: 10, evictions: 2, entries: [])
        #expect(!baseline.record(evicted).isWhole)
        let single = QueryCounts(now: 2000, reset: 10, evictions: 1, entries: [entry("b", 2)])
        #expect(!baseline.record(single).isWhole)
        let lost = QueryCounts(now: 2000, reset: 10, evictions: 1, entries: [entry("b", 8, nil)])
        #expect(!baseline.record(lost).isWhole)
        let crashed = baseline.record(QueryCounts(now: 2000, reset: 1500, entries: [entry("b", 2)]))
        #expect(crashed.observed == .seconds(500) && crashed.isWhole)
        #expect(crashed.queries == [RecordedQuery("SELECT 1", calls: 2)])
    }
}
