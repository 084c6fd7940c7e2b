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
            #expect(verdicts.map(\.hazards) == [[.blocksWrites], [.blocksReads], [], [.blocksReads]])
            let index = try #require(verdicts[0].findings.first)
            #expect(
                index.sentence.hasPrefix(
                    "CREATE INDEX ix ON shipments (reference) holds SHARE on public.shipments while it reads all of public.shipments ("
                )
            )
            #expect(index.sentence.hasSuffix("about 40000 rows)"))
            #expect(index.advice == "CREATE INDEX CONCURRENTLY, outside of a transaction")
            #expect(verdicts[1].findings[0].sentence.contains("while it writes public.shipments anew"))
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
                    == "public.shipments.notes is gone, and what serves may use it"
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
                database: bench.database.name,
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

@Suite("A rehearsal of Alembic's revisions", .tags(.postgres, .slow), .postgresCluster, .serialized)
struct AlembicRehearsalTests {
    private func bench(_ cases: String...) async throws -> MigrationBench {
        let project = try await AlembicProject.make(in: RunningCluster.current.home)
        for name in cases { try project.add(name) }
        try await project.seal()
        return MigrationBench(
            try await RunningCluster.current.makeDatabase(),
            .alembic,
            AlembicMigrations(builder: AccountBuildRunner()),
            in: project.folder,
        )
    }

    @Test("tells each from the others, also one outside of a transaction")
    func revisions() async throws {
        let bench = try await bench("concurrent")
        #expect(try await bench.verdicts().map(\.migration.id.rawValue) == ["0001", "0002", "0003"])
        try await bench.apply([
            MigrationRevision("0001"), MigrationRevision("0002"), MigrationRevision("0003"),
        ])
        #expect(try await bench.verdicts().isEmpty)
    }

    @Test("names the one that fails, and its statement's error")
    func failing() async throws {
        let verdicts = try await bench("failing").verdicts()
        #expect(verdicts.map(\.hazards) == [[], [], [.mayFail]])
        #expect(verdicts.last?.findings.first?.sentence.contains("revision 0003 failed") == true)
    }
}
