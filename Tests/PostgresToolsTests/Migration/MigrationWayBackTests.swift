// SPDX-License-Identifier: Apache-2.0
import Manifest
import Core
import DataSafety
import HostSystem
import Testing

@testable import PostgresTools

@Suite("Migrations of a real database that are taken back", .tags(.postgres), .postgresCluster)
struct MigrationWayBackTests {
    @Test(
        "go back in order, as their files say; one that fails is named and leaves the rest"
    )
    func takenBack() async throws {
        let files = [
            "0001_create_shipments.sql": "CREATE TABLE shipments (id bigint PRIMARY KEY, reference text);",
            "0002_weight.sql": "ALTER TABLE shipments ADD COLUMN weight numeric;",
            "0002_weight.down.sql": "ALTER TABLE shipments DROP COLUMN weight;",
            "0003_state.sql":
                "CREATE TYPE state AS ENUM ('sent'); ALTER TABLE shipments ADD COLUMN state state;",
            "0003_state.down.sql": "ALTER TABLE shipments DROP COLUMN state; DROP TYPE state;",
            "0004_view.sql": "CREATE VIEW heavy AS SELECT id FROM shipments WHERE weight > 5;",
            "0004_view.down.sql": "DROP VIEW heavy; DROP VIEW nothing;",
        ]
        let database = try await RunningCluster.current.makeDatabase()
        try await SQLFolder.with(files) { folder in
            let bench = MigrationBench(database, .sql, SQLMigrations(), in: folder)
            try await bench.applyAll()
            let failure = await #expect(throws: Failure.self) { try await bench.revert(to: ["0001"]) }
            #expect(failure?.code == .migrationFailed)
            #expect(
                failure?.message.contains("view \"nothing\" does not exist") == true,
                "\(failure?.message ?? "")",
            )
            #expect(
                failure?.message.hasSuffix("the schema is at 0004, as before") == true,
                "\(failure?.message ?? "")",
            )
            #expect(try await bench.database.value("SELECT to_regclass('heavy') IS NOT NULL") == "t")
            try bench.write("0004_view.down.sql", "DROP VIEW heavy;")
            try await bench.revert(to: ["0001"])
            #expect(try await bench.outlook().current == [MigrationRevision("0001")])
            let left =
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'shipments'::regclass AND attnum > 0 AND NOT attisdropped"
            #expect(try await bench.database.value(left) == "2")
            #expect(
                bench.lines.all.suffix(3) == [
                    "took back 0004 view", "took back 0003 state", "took back 0002 weight",
                ]
            )
            try await bench.applyAll()
            #expect(try await bench.outlook().pending.isEmpty)
        }
    }

    @Test("are not said to be gone when one has failed half-way outside of a transaction")
    func halfWay() async throws {
        let files = [
            "0001_shipments.sql": "CREATE TABLE shipments (id int PRIMARY KEY, notes text);",
            "0002_notes.sql":
                "-- opshub: no-transaction\nALTER TABLE shipments DROP COLUMN notes;\nALTER TABLE nothing ADD a int;",
            "0002_notes.down.sql": "ALTER TABLE shipments ADD COLUMN notes text;",
        ]
        let database = try await RunningCluster.current.makeDatabase()
        try await SQLFolder.with(files) { folder in
            let bench = MigrationBench(database, .sql, SQLMigrations(), in: folder)
            _ = await #expect(throws: Failure.self) { try await bench.applyAll() }
            let outlook = try await bench.outlook()
            #expect(outlook.begun == [MigrationRevision("0002")])
            let refused = await #expect(throws: Failure.self) { try await bench.revert(only: ["0002"]) }
            #expect(refused?.code == .conflict)
            #expect(refused?.message.hasPrefix("0002 has failed half-way, outside of a transaction") == true)
        }
    }

    @Test(
        "can't be taken back where something applied comes after them, or is in no file; which is known before"
    )
    func obstacle() async throws {
        let (early, late) = ("20240101000000_early", "20240201000000_late")
        let files = ["\(late)/migration.sql": "CREATE TABLE late (id int);"]
        let database = try await RunningCluster.current.makeDatabase()
        try await SQLFolder.with(files) { folder in
            let bench = MigrationBench(database, .prisma, SQLMigrations.prisma(), in: folder)
            let free = try await bench.obstacle([late])
            #expect(free == nil)
            try await bench.applyAll()
            // Of a branch that was merged later: Prisma applies it, and could not take it back first.
            try Folder.make("\(folder)/\(early)")
            try bench.write("\(early)/migration.sql", "CREATE TABLE early (id int);")
            let tangled = try await bench.obstacle([early])
            #expect(
                tangled?.contains(late) == true && tangled?.contains(early) == true,
                "\(tangled ?? "nothing")",
            )
            try Folder.remove("\(folder)/\(late)")
            let strange = try await bench.obstacle([early])
            #expect(strange?.contains("migration \(late) was applied") == true, "\(strange ?? "nothing")")
        }
    }
}
