// SPDX-License-Identifier: Apache-2.0
import Delivery
import Core
import DataSafety
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools

@Suite("One table that comes back from a backup", .tags(.postgres), .postgresCluster, .serialized)
struct TableRestoreTests {
    @Test(
        "is as it was, whatever its columns are; one that is more than a table is refused, and nothing is left of it"
    )
    func everything() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase()
        try await cluster.fillWithEverything(database)
        let bench = RestoreBench(cluster)
        let backup = try await bench.backups.create(database)
        let content = try #require(backup.content)
        let before = try await relations(of: database)

        var refused: [String: String] = [:]
        var made: [String] = []
        for table in content.fingerprint.tables.keys.sorted() where table != DatabaseFingerprint.largeObjects
        {
            do {
                made.append(
                    try await bench.restores.restore(table: table, of: backup.id, into: database.target).made
                )
            } catch let failure as Failure where failure.code == .conflict {
                refused[table] = failure.message
            }
        }

        #expect(refused["public.kid"]?.contains("inherits from another table") == true)
        #expect(refused["public.columnless"]?.contains("has no columns") == true)
        #expect(refused.count == 2, "\(refused)")
        #expect(made.count == content.fingerprint.tables.count - 3)
        #expect(try await relations(of: database) == (before + made.map(plain)).sorted())
        let ships = "\"public\".\"ships_\(backup.id)\""
        for (left, right) in [("ONLY ships", ships), (ships, "ONLY ships")] {
            let difference = "SELECT count(*) FROM (SELECT * FROM \(left) EXCEPT SELECT * FROM \(right)) AS d"
            // A jsonb and a numeric are compared as such, not as text.
            #expect(try await cluster.value(database.name, difference) == "0")
        }
        let owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = '\(ships)'::regclass"
        #expect(try await cluster.value(database.name, owner) == cluster.address.user)
    }

    @Test("comes back beside the one that is there, or under a name of one's own, and never over another one")
    func beside() async throws {
        let bench = RestoreBench(try RunningCluster.current)
        let (database, backup) = try await orders(bench)
        try await database.run(
            "DELETE FROM orders WHERE id <= 2",
            "UPDATE orders SET note = 'now' WHERE id = 3",
        )

        let found = try await bench.restores.restore(table: "orders", of: backup.id, into: database.target)

        #expect(found.made == "\"public\".\"orders_\(backup.id)\"")
        #expect(found.source == "public.orders")
        #expect(found.rows == 5)
        #expect(try await database.value("SELECT count(*) FROM orders") == "3")
        let rows = "SELECT string_agg(id || note, ',' ORDER BY id) FROM \(found.made)"
        #expect(try await database.value(rows) == "1then,2then,3then,4then,5then")
        // What the command tells people to do.
        try await database.run(
            """
            INSERT INTO orders (\(found.columns)) SELECT \(found.columns) FROM \(found.made) old
            WHERE NOT EXISTS (SELECT FROM orders now WHERE now.id = old.id)
            """
        )
        #expect(
            try await database.value("SELECT string_agg(id || note, ',' ORDER BY id) FROM orders")
                == "1then,2then,3now,4then,5then"
        )

        let again = await #expect(throws: Failure.self) {
            try await bench.restores.restore(table: "orders", of: backup.id, into: database.target)
        }
        #expect(again?.code == .conflict)
        #expect(again?.hint?.contains("--as") == true)
        let over = await #expect(throws: Failure.self) {
            try await bench.restores.restore(
                table: "orders",
                of: backup.id,
                into: database.target,
                as: "orders",
            )
        }
        #expect(over?.code == .conflict)
        #expect(try await database.value("SELECT count(*) FROM orders") == "5")
        let long = await #expect(throws: Failure.self) {
            try await bench.restores.restore(
                table: "orders",
                of: backup.id,
                into: database.target,
                as: String(repeating: "x", count: 64),
            )
        }
        #expect(long?.code == .invalid)
        let odd = try await bench.restores.restore(
            table: "public.orders",
            of: backup.id,
            into: database.target,
            as: "Odd \"name'; --",
        )
        #expect(try await database.value("SELECT count(*) FROM \(odd.made)") == "5")
    }

    @Test(
        "comes back when it is there no more; when what it was made of is gone, that is said and nothing is left"
    )
    func dropped() async throws {
        let bench = RestoreBench(try RunningCluster.current)
        let (database, backup) = try await orders(bench)
        // What others are given of new tables they are not given of this one; and what a crash has left is in nobody's way.
        try await database.run(
            "DROP TABLE orders",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
            "CREATE TABLE opshub_restoring (x int)",
        )
        let found = try await bench.restores.restore(table: "orders", of: backup.id, into: database.target)
        #expect(try await database.value("SELECT count(*) FROM \(found.made)") == "5")
        let isOpen = "SELECT has_table_privilege('pg_monitor', '\(found.made)', 'SELECT')"
        #expect(try await database.value(isOpen) == "f")
        try await database.run("DROP TABLE \(found.made)", "DROP TYPE mood")
        let failure = await #expect(throws: Failure.self) {
            try await bench.restores.restore(table: "orders", of: backup.id, into: database.target)
        }
        #expect(failure?.code == .conflict)
        #expect(
            failure?.message.contains("type \"public.mood\" does not exist") == true,
            "\(failure as Any)",
        )
        #expect(try await relations(of: database) == [])
    }

    @Test(
        "of a backup that has changed, of another database, or that it has not, is refused before anything is made"
    )
    func refused() async throws {
        let bench = RestoreBench(try RunningCluster.current)
        let (database, backup) = try await orders(bench)
        let other = try await RunningCluster.current.makeDatabase()
        let elsewhere = await #expect(throws: Failure.self) {
            try await bench.restores.restore(table: "orders", of: backup.id, into: other.target)
        }
        #expect(elsewhere?.code == .conflict)
        let missing = await #expect(throws: Failure.self) {
            try await bench.restores.restore(table: "order", of: backup.id, into: database.target)
        }
        #expect(missing?.code == .notFound)
        #expect(missing?.hint?.contains("public.orders") == true)
        try bench.backups.damage(backup) { $0[$0.count / 2] ^= 1 }
        let damaged = await #expect(throws: Failure.self) {
            try await bench.restores.restore(table: "orders", of: backup.id, into: database.target)
        }
        #expect(damaged?.code == .backupFailed)
        #expect(try await relations(of: database) == ["public.orders"])
    }

    @Test("that does not hold what it held is dropped again, and so is one whose restore was cancelled")
    func incomplete() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase(
            "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 30) AS x FROM generate_series(1, 100000) i"
        )
        let backup = try await bench.backups.create(database)
        var content = try #require(backup.content)
        content.fingerprint.tables["public.big"]?.rows = 99_999
        content.fingerprint.tables["public.big"]?.digest = "another"
        var other = Backup(id: backup.id, of: backup.database, because: backup.reason, at: backup.startedAt)
        try other.apply(.dumped(content), at: backup.changedAt)
        try await bench.backups.store.save(other)
        let failure = await #expect(throws: Failure.self) {
            try await bench.restores.restore(table: "big", of: backup.id, into: database.target)
        }
        #expect(failure?.code == .backupFailed)
        #expect(try await relations(of: database) == ["public.big"])

        try await bench.backups.store.save(backup)
        let task = Task {
            try await bench.restores.restore(table: "big", of: backup.id, into: database.target)
        }
        try await until {
            try await cluster.value(database.name, "SELECT to_regclass('opshub_restoring') IS NOT NULL")
                == "t"
        }
        task.cancel()
        _ = await task.result
        #expect(try await relations(of: database) == ["public.big"])
        let sessions =
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY \"public\".\"opshub_restoring%'"
        try await until { try await cluster.value("postgres", sessions) == "0" }
    }

    private func orders(_ bench: RestoreBench) async throws -> (TestDatabase, Backup) {
        let database = try await RunningCluster.current.makeDatabase(
            "CREATE TYPE mood AS ENUM ('calm', 'glad')",
            "CREATE TABLE orders (id int PRIMARY KEY, note text, mood mood DEFAULT 'calm')",
            "INSERT INTO orders SELECT i, 'then' FROM generate_series(1, 5) i",
        )
        return (database, try await bench.backups.create(database))
    }

    /// Ordinary tables, in order.
    private func relations(of database: TestDatabase) async throws -> [String] {
        try await database.cluster
            .rows(
                database.name,
                """
                SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                """,
            )
            .map { $0[0] }.sorted()
    }

    /// A quoted name as the catalogue has it.
    private func plain(_ name: String) -> String {
        name.split(separator: "\".\"")
            .map { part in
                var part = part
                if part.hasPrefix("\"") { part = part.dropFirst() }
                if part.hasSuffix("\"") { part = part.dropLast() }
                return String(part).replacing("\"\"", with: "\"")
            }
            .joined(separator: ".")
    }
}
