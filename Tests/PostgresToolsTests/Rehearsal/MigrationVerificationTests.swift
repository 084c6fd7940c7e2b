// SPDX-License-Identifier: Apache-2.0
import Manifest
import Core
import DataSafety
import HostSystem
import Testing

@testable import PostgresTools

@Suite(
    "Migrations that are verified on a server of their own",
    .tags(.postgres),
    .postgresCluster,
    .serialized,
)
struct MigrationVerificationTests {
    private func verify(_ files: [String: String]) async throws -> VerificationReport {
        try await SQLFolder.with(files) { folder in
            // What is in the real database makes no difference.
            let database = try await RunningCluster.current.makeDatabase("CREATE TABLE ships (id text)")
            return try await MigrationBench(database, .sql, SQLMigrations(), in: folder).verify()
        }
    }

    @Test("SQL files that take back what they did are clean")
    func clean() async throws {
        let report = try await verify([
            "0001_ships.sql": "CREATE TABLE ships (id int PRIMARY KEY);",
            "0001_ships.down.sql": "DROP TABLE ships;",
            "0002_mood.sql":
                "CREATE TYPE mood AS ENUM ('good', 'bad'); ALTER TABLE ships ADD COLUMN mood mood; CREATE INDEX ix ON ships (mood);",
            "0002_mood.down.sql": "ALTER TABLE ships DROP COLUMN mood; DROP TYPE mood;",
        ])
        #expect(report.entries.map(\.findings) == [[], []])
        #expect(report.isGood)
    }

    @Test("every mistake is named, and those after it are tried on what should have been there")
    func mistakes() async throws {
        let report = try await verify([
            "0001_ships.sql":
                "CREATE TABLE ships (id int PRIMARY KEY, weight int); CREATE INDEX ix ON ships (weight);",
            "0001_ships.down.sql": "DROP TABLE ships;",
            "0002_mood.sql": "CREATE TYPE mood AS ENUM ('good'); ALTER TABLE ships ADD COLUMN mood mood;",
            "0002_mood.down.sql": "ALTER TABLE ships DROP COLUMN mood;",
            "0003_name.sql": "ALTER TABLE ships ADD COLUMN name text;",
            "0003_name.down.sql": "ALTER TABLE ships DROP COLUMN name; DROP INDEX ix;",
            "0004_rows.sql": "UPDATE ships SET name = 'x';",
            "0005_slow.sql": "-- opshub: no-transaction\nCREATE INDEX CONCURRENTLY ix_name ON ships (name);",
            "0006_role.sql": "ALTER TABLE ships ADD COLUMN a int; ALTER TABLE nowhere ADD COLUMN x int;",
            "0007_last.sql": "CREATE TABLE last (id int);",
        ])
        #expect(
            report.entries.map(\.findings) == [
                [],
                [
                    .leavesBehind(["TYPE public.mood"]),
                    .doesNotApplyAgain(
                        "migration 0002_mood.sql failed at line 1: type \"mood\" already exists"
                    ),
                ],
                [
                    .doesNotRestore(["INDEX public.ix is gone"]), .appliesOtherwise(["INDEX public.ix"]),
                ],
                [.changesNothing, .irreversible("no file says how 0004 is taken back")],
                [.irreversible("no file says how 0005 is taken back")],
                [
                    .doesNotApply(
                        "migration 0006_role.sql failed at line 1: relation \"nowhere\" does not exist"
                    )
                ],
                [.notReached],
            ]
        )
        #expect(!report.isGood)
    }

    @Test("what belongs to the server or to no table is left behind too, and is gone for those after it")
    func leftovers() async throws {
        let cluster = try RunningCluster.current
        // Whoever may make roles; others are told that they may not.
        let made = "\"verified \(UInt32.random(in: 0 ... .max))\""
        let files = [
            "0001_ships.sql": "CREATE TABLE ships (id int);",
            "0001_ships.down.sql": "DROP TABLE ships;",
            "0002_role.sql": "CREATE ROLE \(made); CREATE TABLE a (id int);",
            "0002_role.down.sql": "DROP TABLE a;",
            "0003_function.sql":
                "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE EXTENSION pg_trgm; CREATE TABLE b (id int);",
            "0003_function.down.sql": "DROP TABLE b;",
            "0004_last.sql": "CREATE TABLE last (id int);",
            "0004_last.down.sql": "DROP TABLE last;",
        ]
        let refused = try await verify(files)
        #expect(
            refused.entries[1].findings
                == [
                    .doesNotApply(
                        "migration 0002_role.sql failed at line 1: permission denied to create role"
                    )
                ]
        )
        try await cluster.administer("postgres", "ALTER ROLE tracehub CREATEROLE")
        let report: VerificationReport
        do {
            report = try await verify(files)
            try await cluster.administer("postgres", "ALTER ROLE tracehub NOCREATEROLE")
        } catch {
            try await cluster.administer("postgres", "ALTER ROLE tracehub NOCREATEROLE")
            throw error
        }
        #expect(report.entries.count == 4)
        #expect(
            report.entries[0].findings.isEmpty && report.entries[3].findings.isEmpty,
            "\(report.entries)",
        )
        #expect(report.entries[1].findings.first == .leavesBehind(["ROLE \(made.dropFirst().dropLast())"]))
        guard case .leavesBehind(let left)? = report.entries[2].findings.first else {
            Issue.record("\(report.entries[2])")
            return
        }
        #expect(left.contains("FUNCTION public.one()") && left.contains("EXTENSION pg_trgm"), "\(left)")
        #expect(!report.isGood)
        let there = try await cluster.value(
            "postgres",
            "SELECT count(*) FROM pg_roles WHERE rolname ~ '^verified'",
        )
        #expect(there == "0", "it is on the accessory's own server")
    }

    @Test("a way back without a way there, and one that is no transaction, are refused")
    func folder() async throws {
        let lonely = await #expect(throws: Failure.self) {
            try await verify([
                "0001_ships.sql": "CREATE TABLE ships (id int);", "0002_x.down.sql": "DROP TABLE ships;",
            ])
        }
        #expect(lonely?.message.contains("0002_x.down.sql takes nothing back") == true)
        await #expect(throws: Failure.self) {
            try await verify([
                "0001_ships.sql": "CREATE TABLE ships (id int);",
                "0001_ships.down.sql": "-- opshub: no-transaction\nDROP TABLE ships;",
            ])
        }
    }

    private func alembic(_ cases: String..., models: String? = nil) async throws -> VerificationReport {
        let cluster = try RunningCluster.current
        let project = try await AlembicProject.make(in: cluster.home)
        for name in cases { try project.add(name) }
        if let models {
            let path = "\(project.folder)/migrations/env.py"
            let text = try #require(try FileContent.text(of: path))
            let known = text.replacing(
                "configure(connection",
                with: "configure(target_metadata=metadata, connection",
            )
            try DurableFile.write("\(models)\n\(known)", to: path)
        }
        try await project.seal()
        let bench = MigrationBench(
            try await cluster.makeDatabase(),
            .alembic,
            AlembicMigrations(builder: AccountBuildRunner()),
            in: project.folder,
        )
        return try await bench.verify()
    }

    @Test(
        "Alembic's revision that leaves its enum behind, and one that drops an index of another name, are named"
    )
    func alembicMistakes() async throws {
        let report = try await alembic("leaving")
        #expect(report.entries.map(\.migration.id.rawValue) == ["0001", "0002", "0003", "0004"])
        #expect(report.entries.prefix(2).allSatisfy { $0.findings.isEmpty }, "\(report.entries)")
        let (state, index) = (report.entries[2].findings, report.entries[3].findings)
        #expect(state.first == .leavesBehind(["TYPE public.state"]), "\(state)")
        guard case .doesNotApplyAgain(let why)? = state.last else {
            Issue.record("\(state)")
            return
        }
        #expect(why.contains("type \"state\" already exists"), "\(why)")
        guard case .irreversible(let reason)? = index.first else {
            Issue.record("\(index)")
            return
        }
        #expect(reason.contains("ix_shipments_weight_kg") && reason.contains("does not exist"), "\(reason)")
        #expect(!report.isGood)
    }

    @Test("Alembic's branches are told, and that a merge has brought them together")
    func alembicBranches() async throws {
        let branched = try await alembic("branched")
        #expect(branched.heads.map(\.rawValue).sorted() == ["0003a", "0003b"] && !branched.isGood)
        #expect(branched.general.contains { $0.contains("there are 2 heads, merge them") })
        let merged = try await alembic("branched", "merged")
        #expect(merged.heads.map(\.rawValue) == ["0004"])
        #expect(merged.entries.last?.migration.parents.count == 2)
        #expect(merged.entries.last?.findings.contains(.changesNothing) == true, "\(merged.entries)")
    }

    @Test("What applies one by one, and not in the one transaction that a deployment has it in, is told")
    func alembicInOneRun() async throws {
        let cluster = try RunningCluster.current
        let project = try await AlembicProject.make(in: cluster.home, "moods")
        // As Alembic does it unless it is told otherwise.
        let settings = "\(project.folder)/migrations/env.py"
        let text = try #require(try FileContent.text(of: settings))
        try DurableFile.write(text.replacing(", transaction_per_migration=True", with: ""), to: settings)
        try await project.seal()
        let bench = MigrationBench(
            try await cluster.makeDatabase(),
            .alembic,
            AlembicMigrations(builder: AccountBuildRunner()),
            in: project.folder,
        )
        try await bench.applyAll()
        #expect(try await bench.verify().inOneRun == nil)
        try project.add("late")
        try await project.seal()
        // A value that was added to a type is of no use before the end of the transaction that has added it.
        let report = try await bench.verify()
        let applies = report.entries.allSatisfy { entry in
            !entry.findings.contains { if case .doesNotApply = $0 { true } else { false } }
        }
        #expect(applies && report.entries.count == 5, "\(report.entries)")
        let told = try #require(report.inOneRun)
        #expect(told.map { $0.contains("after 0003") } == [true, false], "\(told)")
        #expect(told.allSatisfy { $0.contains("unsafe use of new value") }, "\(told)")
        #expect(report.general == told && !report.isGood)
    }

    @Test("Alembic's models are compared with the schema")
    func alembicDrift() async throws {
        let models = """
            import sqlalchemy as sa
            metadata = sa.MetaData()
            shipments = sa.Table("shipments", metadata, sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
                sa.Column("reference", sa.String(32), nullable=False), sa.Column("weight_kg", sa.Numeric(10, 2)))
            """
        let same = try await alembic(models: models)
        #expect(same.drift == [] && same.isGood, "\(same)")
        let other = try await alembic(
            models: "\(models)\nshipments.append_column(sa.Column('notes', sa.Text()))"
        )
        #expect(other.drift?.first?.contains("add_column") == true, "\(other.drift ?? [])")
        #expect(!other.isGood)
        #expect(try await alembic().drift == nil)
    }

    @Test("Alembic's revisions go up, down and up again with the project's own program")
    func alembic() async throws {
        let cluster = try RunningCluster.current
        let project = try await AlembicProject.make(in: cluster.home)
        let database = try await cluster.makeDatabase()
        let bench = MigrationBench(
            database,
            .alembic,
            AlembicMigrations(builder: AccountBuildRunner()),
            in: project.folder,
        )
        let report = try await bench.verify()
        #expect(report.entries.map(\.migration.id.rawValue) == ["0001", "0002"])
        #expect(report.entries.allSatisfy { $0.findings.isEmpty }, "\(report.entries)")
        #expect(try await bench.outlook().current.isEmpty)
    }

    @Test(
        "rows of the newest verified backup show what a way back loses, and what only an empty database bears"
    )
    func rows() async throws {
        let files = [
            "0001_ships.sql":
                "CREATE TABLE customers (id serial PRIMARY KEY, name text); CREATE TABLE ships (id serial PRIMARY KEY, customer int REFERENCES customers, notes text, mood text);",
            "0001_ships.down.sql": "DROP TABLE ships, customers;",
            "0002_weight.sql": "ALTER TABLE ships ADD COLUMN weight numeric;",
            "0002_weight.down.sql": "ALTER TABLE ships DROP COLUMN weight;",
        ]
        try await SQLFolder.with(files) { folder in
            let cluster = try RunningCluster.current
            let database = try await cluster.makeDatabase()
            let bench = MigrationBench(database, .sql, SQLMigrations(), in: folder)
            try await bench.applyAll()
            // The first thousand of each: half of those ships are of customers that do not come along.
            try await database.run(
                "INSERT INTO customers (name) SELECT 'c' || n FROM generate_series(1, 1500) n",
                "INSERT INTO ships (customer, notes, mood, weight) SELECT 1501 - n, E'a\\tb\\nc' || n, 'good', n FROM generate_series(1, 1500) n",
            )
            let backups = BackupBench(cluster)
            let none = await #expect(throws: Failure.self) {
                try await backups.backups.sample(of: database.target)
            }
            #expect(none?.code == .notFound)
            _ = try await backups.backups.drill(try await backups.create(database).id)
            let sample = try await backups.backups.sample(of: database.target)

            try bench.write(
                "0003_remark.sql",
                "-- The notes move.\n-- opshub: keeps-data\nALTER TABLE ships ADD COLUMN remark text; UPDATE ships SET remark = notes; ALTER TABLE ships DROP COLUMN notes; INSERT INTO customers (name) VALUES ('one more');",
            )
            try bench.write(
                "0003_remark.down.sql",
                "DELETE FROM customers WHERE name = 'one more'; ALTER TABLE ships ADD COLUMN notes text; UPDATE ships SET notes = remark; ALTER TABLE ships DROP COLUMN remark;",
            )
            try bench.write("0004_mood.sql", "CREATE UNIQUE INDEX ux ON ships (mood);")
            try bench.write("0004_mood.down.sql", "DROP INDEX ux;")
            let report = try await bench.verify(rows: sample)
            #expect(report.rows == SampledRows(source: sample.source, rows: 1500, tables: 2))
            try #require(report.entries.count == 4)
            #expect(report.entries[0].findings == [])
            #expect(report.entries[1].findings == [.losesRows(["public.ships.weight"])])
            // Its own row has another number the second time; what was there is there.
            #expect(
                report.entries[2].findings == [
                    .losesRows(["public.customers.id"]), .breaksItsWord("loses some"),
                ]
            )
            guard case .failsOnRows(let why)? = report.entries[3].findings.first else {
                Issue.record("\(report.entries[3].findings)")
                return
            }
            #expect(why.contains("could not create unique index"))
            #expect(!report.isGood)
        }
    }
}
