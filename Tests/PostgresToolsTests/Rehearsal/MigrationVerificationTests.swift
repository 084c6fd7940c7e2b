// SPDX-License-Identifier: Apache-2.0
import Manifest
import Core
import DataSafety
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
}
