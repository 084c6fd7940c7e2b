// SPDX-License-Identifier: Apache-2.0
import Manifest
import Delivery
import Core
import DataSafety
import HostSystem
import Testing

@testable import PostgresTools

@Suite("A rehearsal of migrations", .tags(.postgres), .postgresCluster, .serialized)
struct MigrationRehearsalTests {
    private static let shipments = """
        CREATE TABLE shipments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text NOT NULL, notes text);
        CREATE TABLE customers (id bigint PRIMARY KEY);
        """

    /// A database with a large table, and files of which the first has been applied.
    private func bench(
        _ files: [String: String],
        large: Bool = true,
        body: (MigrationBench) async throws -> Void,
    ) async throws {
        let database = try await RunningCluster.current.makeDatabase()
        try await SQLFolder.with(["0001_create.sql": Self.shipments]) { folder in
            let bench = MigrationBench(database, .sql, SQLMigrations(), in: folder)
            try await bench.applyAll()
            let rows = large ? 40_000 : 3
            try await database.run(
                "INSERT INTO shipments (reference, notes) SELECT 'R' || n, repeat('x', 500) FROM generate_series(1, \(rows)) n",
                "ANALYZE",
            )
            for (name, text) in files { try bench.write(name, text) }
            try await body(bench)
            try await Self.expectNothingLeft(database)
        }
    }

    private static func expectNothingLeft(_ database: TestDatabase) async throws {
        let cluster = database.cluster
        let folder = cluster.home.folder(cluster.accessory)
        #expect(!Folder.exists("\(folder.path)/rehearsal"))
        let others = ProcessTable.all()
            .filter { entry in
                // A process that ends while it is read is gone.
                let line = try? FileContent.text(of: "/proc/\(entry.id)/cmdline")
                return (line ?? nil)?.contains("\(folder.path)/rehearsal") == true
            }
        #expect(others.isEmpty)
    }

    @Test("finds nothing about what is over in a moment, and changes nothing in the database")
    func safe() async throws {
        let files = [
            "0002_weight.sql": "ALTER TABLE shipments ADD COLUMN weight int; CREATE TABLE parcels (id int);",
            "0003_index.sql":
                "-- opshub: no-transaction\nCREATE INDEX CONCURRENTLY ix ON shipments (reference);",
            "0004_later.sql": "ALTER TABLE parcels ALTER COLUMN id SET NOT NULL; DROP TABLE parcels;",
        ]
        try await bench(files) { bench in
            let verdicts = try await bench.verdicts()
            #expect(verdicts.map(\.migration.description) == ["0002 weight", "0003 index", "0004 later"])
            #expect(verdicts.flatMap(\.findings) == [])
            #expect(try await bench.outlook().current == [MigrationRevision("0001")])
            #expect(try await bench.database.value("SELECT to_regclass('parcels') IS NULL") == "t")
        }
    }

    @Test("tells who waits for what and how long the table is, with the safer form")
    func blocks() async throws {
        let files = [
            "0002_index.sql": "CREATE INDEX ix ON shipments (reference);",
            "0003_type.sql": "ALTER TABLE shipments ALTER COLUMN notes TYPE varchar(600);",
            "0004_small.sql": "CREATE INDEX iy ON customers (id);",
            "0005_backfill.sql":
                "ALTER TABLE shipments ADD COLUMN state int; UPDATE shipments SET state = 1 WHERE notes <> '';",
        ]
        try await bench(files) { bench in
            let verdicts = try await bench.verdicts()
            try #require(verdicts.count == 4)
            #expect(
                verdicts.map(\.hazards) == [
                    [.blocksWrites], [.breaksRelease, .blocksReads], [], [.blocksReads],
                ]
            )
            let index = try #require(verdicts[0].findings.first)
            #expect(
                index.sentence.hasPrefix(
                    "CREATE INDEX ix ON shipments (reference) holds SHARE on public.shipments while it reads all of public.shipments ("
                )
            )
            // How long is measured on the machine.
            #expect(index.sentence.contains("about 40000 rows), for about "), "\(index.sentence)")
            #expect(index.advice == "CREATE INDEX CONCURRENTLY, outside of a transaction")
            #expect(verdicts[1].findings[1].sentence.contains("while it writes public.shipments anew"))
            #expect(
                verdicts[3].findings[0].sentence
                    .contains(
                        "ADD COLUMN state int holds ACCESS EXCLUSIVE on public.shipments while UPDATE shipments SET state = 1"
                    )
            )
        }
    }

    @Test("tells what is lost, what the running release may miss, and what the rows that are there forbid")
    func breaks() async throws {
        let files = [
            "0002_drop.sql": "ALTER TABLE shipments DROP COLUMN notes;",
            "0003_rename.sql": "ALTER TABLE shipments RENAME COLUMN reference TO code;",
            "0004_require.sql": "ALTER TABLE shipments ADD COLUMN tenant int NOT NULL;",
            "0005_table.sql": "DROP TABLE customers;",
        ]
        try await bench(files, large: false) { bench in
            let verdicts = try await bench.verdicts()
            #expect(
                verdicts.map(\.hazards) == [
                    [.breaksRelease, .losesData], [.breaksRelease], [.mayFail], [.breaksRelease],
                ]
            )
            #expect(
                verdicts[0].findings.map(\.sentence).first
                    == "public.shipments.notes is gone, and what serves may use it; its queries are not known: nothing serves"
            )
            #expect(verdicts[1].findings[0].sentence.hasPrefix("public.shipments.reference has another name"))
            #expect(
                verdicts[2].findings[0].sentence
                    == "public.shipments.tenant must have a value, and the rows that are there have none"
            )
        }
    }

    @Test("names the migration that does not apply, and judges those before it")
    func fails() async throws {
        let files = [
            "0002_fine.sql": "ALTER TABLE shipments ADD COLUMN weight int;",
            "0003_broken.sql": "ALTER TABLE shipments ADD COLUMN a int;\nUPDATE shipments SET wieght = 1;",
        ]
        try await bench(files) { bench in
            let verdicts = try await bench.verdicts()
            #expect(verdicts.map(\.hazards) == [[], [.mayFail]])
            #expect(
                verdicts[1].findings[0].sentence
                    .contains("0003_broken.sql failed at line 2: column \"wieght\" ")
            )
        }
    }

    @Test("sees what is done outside of a transaction, and what fails there")
    func stepwise() async throws {
        let header = "-- opshub: no-transaction\n"
        let files = [
            "0002_drop.sql": header
                + "CREATE INDEX CONCURRENTLY ix ON shipments (notes); DROP TABLE customers;",
            "0003_batches.sql": header + "DO $$ BEGIN UPDATE shipments SET notes = ''; COMMIT; END $$;",
            "0004_rebuild.sql": header + "REINDEX SCHEMA public;",
            "0005_broken.sql": header + "ALTER TABLE shipments ADD COLUMN a int; DROP TABLE nowhere;",
        ]
        try await bench(files) { bench in
            let verdicts = try await bench.verdicts()
            #expect(verdicts.map(\.migration.id.rawValue) == ["0002", "0003", "0004", "0005"])
            #expect(verdicts.map(\.hazards) == [[.breaksRelease], [], [.blocksWrites], [.mayFail]])
        }
    }

    @Test(
        "counts what other migrations do in the same transaction, every row that is changed, and a row found by its key not"
    )
    func rows() async throws {
        let files = [
            "0002_all.sql": "UPDATE shipments SET notes = 'canary-text';",
            "0003_none.sql": "DELETE FROM shipments;",
            "0004_key.sql":
                "ALTER TABLE customers ADD COLUMN a int; UPDATE shipments SET notes = '' WHERE id = 5;",
            "0005_range.sql":
                "ALTER TABLE customers ADD COLUMN b int; UPDATE shipments SET notes = '' WHERE id > 5;",
        ]
        try await bench(files) { bench in
            let verdicts = try await bench.verdicts()
            #expect(
                verdicts.map(\.hazards) == [
                    [.blocksWrites], [.losesData, .blocksWrites], [], [.blocksReads],
                ]
            )
            #expect(!"\(verdicts)".contains("canary"))
        }
    }

    @Test("knows a table by its old name, and does not miss what comes back under its name")
    func names() async throws {
        let files = [
            "0002_swap.sql": """
            ALTER TABLE shipments RENAME TO old; CREATE TABLE shipments (LIKE old INCLUDING ALL);
            INSERT INTO shipments OVERRIDING SYSTEM VALUE SELECT * FROM old; DROP TABLE old;
            """,
            "0003_view.sql":
                "CREATE VIEW seen AS SELECT 1 AS one; DROP VIEW shown; CREATE VIEW shown AS SELECT 1 AS one;",
            "0004_stand_in.sql":
                "ALTER TABLE customers RENAME TO clients; CREATE VIEW customers AS SELECT * FROM clients;",
        ]
        try await bench(files) { bench in
            try await bench.database.run("CREATE VIEW shown AS SELECT 1 AS one")
            let verdicts = try await bench.verdicts()
            #expect(verdicts.map(\.hazards) == [[.losesData, .blocksReads], [], []])
            #expect(
                verdicts[0].findings[0].sentence.hasPrefix("public.shipments is dropped with what is in it")
            )
        }
    }

    @Test(
        "sees other types, missing functions, enumerations and sequences, and partitions that are taken off"
    )
    func objects() async throws {
        let files = [
            "0002_type.sql":
                "ALTER TABLE typed ALTER COLUMN narrow TYPE varchar(5), ALTER COLUMN wide TYPE text;",
            "0003_gone.sql":
                "DROP FUNCTION f(int); ALTER TYPE mood RENAME VALUE 'a' TO 'b'; DROP SEQUENCE s;",
            "0004_detach.sql": "ALTER TABLE parted DETACH PARTITION part1;",
            "0005_index.sql": "CREATE INDEX ON parted (n);",
        ]
        try await bench(files) { bench in
            try await bench.database.run(
                "CREATE TABLE typed (narrow varchar(50), wide varchar(50))",
                "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE TYPE mood AS ENUM ('a')",
                "CREATE SEQUENCE s",
                "CREATE TABLE parted (n int, x text) PARTITION BY RANGE (n)",
                "CREATE TABLE part1 PARTITION OF parted FOR VALUES FROM (0) TO (20000)",
                "CREATE TABLE part2 PARTITION OF parted FOR VALUES FROM (20000) TO (40000)",
                "CREATE TABLE part3 PARTITION OF parted FOR VALUES FROM (40000) TO (60000)",
                // Each is small; all together they are not.
                "INSERT INTO parted SELECT n, repeat('x', 450) FROM generate_series(0, 59999) n",
            )
            let verdicts = try await bench.verdicts()
            #expect(
                verdicts.map(\.hazards) == [
                    [.breaksRelease], [.breaksRelease], [.breaksRelease], [.blocksWrites],
                ]
            )
            #expect(
                verdicts[0].findings.map(\.sentence) == [
                    "public.typed.narrow is character varying(5) now, it was character varying(50): what serves may not expect that, and values may not fit"
                ]
            )
            #expect(
                verdicts[1].findings.map(\.sentence).map { $0.prefix { $0 != "," } } == [
                    "function f(integer) is gone", "sequence public.s is gone",
                    "value 'a' of type public.mood is gone",
                ]
            )
        }
    }

    @Test("is like the original where a dump is not, and recorded whatever is logged there")
    func likeness() async throws {
        let files = [
            "0002_refresh.sql": "REFRESH MATERIALIZED VIEW summary; SELECT count(*) FROM nested;",
            "0003_extension.sql": "DROP EXTENSION pg_trgm;",
            "0004_held.sql":
                "ALTER TABLE customers ADD COLUMN a int; UPDATE shipments SET notes = '' WHERE notes <> '';",
        ]
        try await bench(files) { bench in
            let name = bench.database.name
            try await bench.database.run(
                "CREATE MATERIALIZED VIEW summary AS SELECT count(*) FROM shipments",
                "CREATE MATERIALIZED VIEW nested AS SELECT * FROM summary",
            )
            try await bench.database.cluster.administer(
                name,
                "GRANT CREATE ON DATABASE \(name) TO tracehub",
                "ALTER DATABASE \(name) SET log_statement TO 'mod'",
                "ALTER DATABASE \(name) SET search_path TO ''",
                "ALTER DATABASE \(name) RESET search_path",
            )
            try await bench.database.run("CREATE EXTENSION pg_trgm")
            #expect(try await bench.verdicts().map(\.hazards) == [[.blocksReads], [], [.blocksReads]])
        }
    }

    @Test("is refused for a database that reaches others, which its copy would reach too")
    func outsiders() async throws {
        try await bench(["0002_a.sql": "SELECT 1;"]) { bench in
            try await bench.database.cluster.administer(
                bench.database.name,
                "CREATE EXTENSION postgres_fdw",
                "CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw",
            )
            let failure = await #expect(throws: Failure.self) { try await bench.verdicts() }
            #expect(failure?.message.contains("reaches others through foreign server other") == true)
        }
    }

    @Test("knows the roles, privileges and settings that the database has")
    func roles() async throws {
        let files = ["0002_grant.sql": "GRANT SELECT ON shipments TO reader; CREATE TABLE placed (id int);"]
        try await bench(files) { bench in
            let name = bench.database.name
            try await bench.database.cluster.administer(
                name,
                "DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                "ALTER DATABASE \(name) SET search_path TO public, \"$user\"",
                "ALTER ROLE tracehub IN DATABASE \(name) SET application_name TO 'it''s mine'",
                "GRANT SELECT ON shipments TO reader",
            )
            #expect(try await bench.verdicts().map(\.hazards) == [[]])
        }
    }

    @Test(
        "is refused when a variable would lead to the real database, and leaves out those of other databases"
    )
    func stray() async throws {
        try await bench(["0002_a.sql": "SELECT 1;"]) { bench in
            let url = bench.database.url
            let password = bench.database.cluster.address.password
            let verdicts = try await bench.verdicts(variables: ["DATABASE_URL": url, "DB_URL": url])
            #expect(verdicts.count == 1)
            let failure = await #expect(throws: Failure.self) {
                try await bench.verdicts(variables: ["DATABASE_URL": url, "PGPASSWORD": password])
            }
            #expect(failure?.code == .conflict)
            #expect(failure?.message.hasPrefix("PGPASSWORD leads to the real database as well") == true)
        }
    }

    @Test("whose control plane was killed is removed when the next one starts")
    func killed() async throws {
        try await bench([:]) { bench in
            let cluster = bench.database.cluster
            let layout = cluster.home.layout
            let throwaway = ThrowawayCluster(
                original: try ClusterAccess(cluster.accessoryName, of: cluster.home.environment, in: layout),
                target: bench.database.target,
                templates: layout.clusters,
                lock: PostgresDatabaseLock(layout: layout),
                programs: try await PostgresPrograms.locate(15),
                supervisor: Supervisor(),
                patience: .seconds(30),
                deadline: .seconds(30),
            )
            try await throwaway.lend { lent in
                try await PostgresSession.with(PostgresEndpoint(url: lent.url())) {
                    try await $0.query("SELECT 1")
                }
                let next = PostgresMigrationRehearsal(layout: layout, tools: [:])
                try await next.recover(cluster.accessoryName, of: cluster.home.environment)
                try await Self.expectNothingLeft(bench.database)
                #expect(LocalPorts.isFree(lent.access.record.port))
                try await next.recover(cluster.accessoryName, of: cluster.home.environment)
            }
        }
    }

    @Test(
        "that is cancelled leaves no server and no folder"
    )
    func cancelled() async throws {
        try await bench(["0002_slow.sql": "SELECT pg_sleep(60);"]) { bench in
            let task = Task { try await bench.verdicts() }
            let cluster = bench.database.cluster
            let folder = cluster.home.folder(cluster.accessory)
            _ = try await Patience.wait(.seconds(20)) {
                try FileContent.text(of: "\(folder.path)/rehearsal/recording/statements.csv")?
                    .contains("pg_sleep") == true
            }
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
    }
}
