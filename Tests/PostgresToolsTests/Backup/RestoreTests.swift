// SPDX-License-Identifier: Apache-2.0
import Delivery
import Core
import DataSafety
import HostSystem
import Synchronization
import TestSupport
import Testing

@testable import PostgresTools

@Suite("Restores into a database that serves", .tags(.postgres), .postgresCluster)
struct RestoreTests {
    @Test("bring back what was, under the same name and owner, and keep what is")
    func whole() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase(
            "CREATE TABLE t (id int PRIMARY KEY)",
            "INSERT INTO t VALUES (1)",
        )
        try await cluster.administer(
            database.name,
            "ALTER DATABASE \(database.name) SET search_path = \"$user\", public, extra",
            "ALTER DATABASE \(database.name) SET work_mem = '8MB'",
            "ALTER DATABASE \(database.name) CONNECTION LIMIT 7",
            "GRANT CREATE ON DATABASE \(database.name) TO pg_monitor WITH GRANT OPTION",
        )
        let properties =
            """
            SELECT datconnlimit, pg_get_userbyid(datdba),
                (SELECT array_agg(a::text ORDER BY a::text) FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) AS a),
                (SELECT array_agg(c ORDER BY c) FROM pg_db_role_setting, unnest(setconfig) AS c WHERE setdatabase = d.oid)
            FROM pg_database d WHERE datname = '\(database.name)'
            """
        let before = try await cluster.rows("postgres", properties)
        let backup = try await bench.backups.create(database)
        try await database.run("INSERT INTO t VALUES (2)", "CREATE TABLE later ()")

        try await bench.restore(backup, into: database, order: "whole")

        #expect(try await database.value("SELECT count(*) FROM t") == "1")
        #expect(try await database.value("SELECT to_regclass('later') IS NULL") == "t")
        try await database.run("INSERT INTO t VALUES (3)")
        let after = try await cluster.rows("postgres", properties)
        #expect(after == before)
        #expect(try await bench.names("whole") == ["opshub_kept_whole"])
        #expect(try await cluster.value("opshub_kept_whole", "SELECT count(*) FROM t") == "2")
    }

    @Test("can be taken back, and that again, wherever they have come to")
    func takenBack() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
        let backup = try await bench.backups.create(database)
        try await database.run("INSERT INTO t VALUES (2)")
        let (copy, kept) = (Restores.copyName(for: "back"), Restores.keptName(by: "back"))

        // Before anything, with a copy, shut, and exchanged.
        try await bench.restores.takeBack(database.target, copy: copy, kept: kept)
        _ = try await bench.restores.prepare(backup.id, for: database.target, order: "back")
        try await bench.restores.takeBack(database.target, copy: copy, kept: kept)
        #expect(try await bench.names("back").isEmpty)
        _ = try await bench.restores.prepare(backup.id, for: database.target, order: "back")
        try await bench.restores.shut(database.target)
        await #expect(throws: PostgresError.self) { try await database.value("SELECT 1") }
        try await bench.restores.takeBack(database.target, copy: copy, kept: kept)
        #expect(try await database.value("SELECT count(*) FROM t") == "2")
        try await bench.restore(backup, into: database, order: "back")
        #expect(try await database.value("SELECT count(*) FROM t") == "1")
        for _ in 1...2 {
            try await bench.restores.takeBack(database.target, copy: copy, kept: kept)
            #expect(try await database.value("SELECT count(*) FROM t") == "2")
            #expect(try await bench.names("back").isEmpty)
        }

        // As a deployment that undoes another one.
        try await bench.restore(backup, into: database, order: "first")
        for _ in 1...2 {
            try await bench.restores.exchange(
                database.target,
                with: Restores.keptName(by: "first"),
                keeping: Restores.keptName(by: "second"),
            )
            #expect(try await database.value("SELECT count(*) FROM t") == "2")
        }
        #expect(try await bench.names("first", "second") == ["opshub_kept_second"])
        try await bench.restores.takeBack(
            database.target,
            copy: Restores.keptName(by: "first"),
            kept: Restores.keptName(by: "second"),
        )
        #expect(try await database.value("SELECT count(*) FROM t") == "1")
        #expect(try await bench.names("first", "second") == ["opshub_kept_first"])
    }

    @Test("end whoever is connected, keep everybody out until the exchange, and let them in after it")
    func connected() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase("CREATE TABLE t (id int)")
        let backup = try await bench.backups.create(database)
        let sessions = Mutex<[PostgresSession]>([])
        for _ in 1...5 {
            let session = try await PostgresSession.connect(database.endpoint)
            try await session.query("BEGIN")
            try await session.query("INSERT INTO t VALUES (1)")
            sessions.withLock { $0.append(session) }
        }
        // Somebody who comes back at once, as a pool does.
        let pool = Task {
            var refused = 0
            while !Task.isCancelled {
                do {
                    try await database.run("INSERT INTO t VALUES (2)")
                } catch let error as PostgresError
                    where error.sqlState == "53300" || error.sqlState == "57P01"
                {
                    refused += 1
                }
            }
            return refused
        }
        _ = try await bench.restores.prepare(backup.id, for: database.target, order: "pool")
        try await bench.restores.shut(database.target)
        let last = try await bench.backups.create(database)
        let count = try #require(last.content?.fingerprint.tables["public.t"]?.rows)
        try await bench.restores.exchange(
            database.target,
            with: "opshub_restore_pool",
            keeping: "opshub_kept_pool",
        )
        #expect(try await cluster.value("opshub_kept_pool", "SELECT count(*) FROM t") == "\(count)")
        try await database.run("INSERT INTO t VALUES (3)")
        pool.cancel()
        // A cancelled query ends as such.
        _ = try? await pool.value
        for session in sessions.withLock({ $0 }) {
            await #expect(throws: PostgresError.self) { try await session.query("COMMIT") }
        }
    }

    @Test("that restore to something else leave nothing behind, and the database alone")
    func damaged() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
        let backup = try await bench.backups.create(database)
        try bench.backups.damage(backup) { $0[$0.count / 2] ^= 1 }
        let failure = await #expect(throws: Failure.self) {
            try await bench.restores.prepare(backup.id, for: database.target, order: "damaged")
        }
        #expect(failure?.code == .backupFailed)
        #expect(try await bench.names("damaged").isEmpty)
        #expect(try await database.value("SELECT count(*) FROM t") == "1")
    }

    @Test("into another environment belong to that one's owner, and are masked before anybody sees them")
    func masked() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase(
            "CREATE TYPE mood AS ENUM ('good', 'bad')",
            "CREATE TABLE people (id serial PRIMARY KEY, mail text, mood mood)",
            "INSERT INTO people (mail) VALUES ('ada@example.com'), ('bea@example.com')",
            "COMMENT ON TABLE people IS 'whoever'",
        )
        try await cluster.administer(
            database.name,
            "CREATE EXTENSION IF NOT EXISTS pageinspect",
            "CREATE ROLE stranger_\(database.name)",
            "GRANT SELECT ON people TO stranger_\(database.name)",
        )
        let backup = try await bench.backups.create(database)
        // As if it were another environment's.
        let other = DatabaseTarget(
            EnvironmentKey(ProjectName("tracehub"), EnvironmentName("elsewhere")),
            database.target.accessory,
            database.name,
        )
        let foreign = Backup(id: BackupID("b9001"), of: other, because: .schedule, at: backup.startedAt)
        try await bench.backups.copyFiles(of: backup, to: foreign)
        let target = try await cluster.makeDatabase("CREATE TABLE own (id int)")

        _ = try await bench.restores.prepare(
            foreign.id,
            for: target.target,
            order: "masked",
            masking:
                "UPDATE people SET mail = 'x' || id;\n-- and nobody else\nDELETE FROM people WHERE id = 2;",
        )
        try await bench.restores.exchange(
            target.target,
            with: "opshub_restore_masked",
            keeping: "opshub_kept_masked",
        )
        #expect(try await target.value("SELECT string_agg(mail, ',') FROM people") == "x1")
        #expect(
            try await target.value("SELECT tableowner FROM pg_tables WHERE tablename = 'people'")
                == cluster.address.user
        )
        try await target.run(
            "INSERT INTO people (mail) VALUES ('new')",
            "ALTER TABLE people ADD COLUMN age int",
        )

        let failure = await #expect(throws: Failure.self) {
            try await bench.restores.prepare(
                foreign.id,
                for: target.target,
                order: "unmasked",
                masking: "UPDATE people SET mail = 'x';\nUPDATE nowhere SET a = 1;",
            )
        }
        #expect(failure?.message.contains("line 2") == true)
        #expect(try await bench.names("unmasked").isEmpty)
        for nothing in [
            "", "-- only words", "BEGIN; UPDATE people SET mail = 'x';",
            "UPDATE people SET mail = 'x'; ROLLBACK;",
        ] {
            let refused = await #expect(throws: Failure.self) {
                try await bench.restores.prepare(
                    foreign.id,
                    for: target.target,
                    order: "nothing",
                    masking: nothing,
                )
            }
            #expect(refused?.code == .invalid, "\(nothing)")
        }
        await #expect(throws: Failure.self) {
            try await bench.restores.prepare(
                foreign.id,
                for: target.target,
                order: "program",
                masking: "COPY people TO PROGRAM 'id'",
            )
        }
    }

    @Test(
        "make the roles that the backup names where the server has them no more, and as them nobody can log in"
    )
    func lostRoles() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase("CREATE TABLE people (id int, mail text)")
        let (reader, odd) = ("reader_\(database.name)", "\"Odd \(database.name)\"")
        try await cluster.administer(
            database.name,
            "CREATE ROLE \(reader) LOGIN CREATEROLE PASSWORD 'known'",
            "CREATE ROLE \(odd)",
            // Known to the server, and named by nothing in this database.
            "CREATE ROLE other_\(database.name)",
            "GRANT SELECT ON people TO \(reader)",
            "CREATE POLICY own ON people FOR SELECT TO \(odd) USING (id = 1)",
        )
        let backup = try await bench.backups.create(database)
        let (_, none) = try await bench.restores.prepare(backup.id, for: database.target, order: "roles")
        #expect(none.isEmpty)
        try await bench.restores.takeBack(
            database.target,
            copy: Restores.copyName(for: "roles"),
            kept: Restores.keptName(by: "roles"),
        )
        try await cluster.administer(
            database.name,
            "DROP OWNED BY \(reader), \(odd)",
            "DROP ROLE \(reader), \(odd), other_\(database.name)",
        )

        let (_, remarks) = try await bench.restores.prepare(backup.id, for: database.target, order: "roles")

        #expect(remarks.count == 1 && remarks[0].contains("nobody can log in"), "\(remarks)")
        #expect(
            remarks.first?.contains(reader) == true
                && remarks.first?.contains("Odd \(database.name)") == true,
            "\(remarks)",
        )
        let found = try await cluster.rows(
            "postgres",
            "SELECT rolname, rolcanlogin, rolcreaterole FROM pg_roles WHERE rolname LIKE '%\(database.name)' ORDER BY 1",
        )
        #expect(
            found.map(\.values) == [["Odd \(database.name)", "f", "f"], [reader, "f", "f"]],
            "\(found)",
        )
        let copy = Restores.copyName(for: "roles")
        #expect(
            try await cluster.value(copy, "SELECT has_table_privilege('\(reader)', 'people', 'SELECT')")
                == "t"
        )
        try await bench.restores.takeBack(
            database.target,
            copy: copy,
            kept: Restores.keptName(by: "roles"),
        )
        try await cluster.administer("postgres", "DROP ROLE \(reader), \(odd)")
    }

    @Test("are foreseen: what was written since, and how the schema differs")
    func outlook() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
        try await bench.settled(database, "n_tup_ins = 1")
        let backup = try await bench.backups.create(database)
        let calm = try await bench.restores.outlook(of: backup.id, in: database.target)
        #expect(calm.writes == [:])
        #expect(calm.schemaDifferences == [])
        try await database.run(
            "INSERT INTO t SELECT generate_series(2, 11)",
            "UPDATE t SET id = 0 WHERE id = 2",
            "DELETE FROM t WHERE id > 9",
            "CREATE INDEX ix ON t (id)",
        )
        try await bench.settled(database, "n_tup_ins = 11 AND n_tup_del = 2 AND n_tup_upd = 1")
        let outlook = try await bench.restores.outlook(of: backup.id, in: database.target)
        #expect(outlook.writes == ["public.t": .init(inserted: 10, updated: 1, deleted: 2)])
        #expect(outlook.schemaDifferences == ["INDEX public.ix would be gone"])
        try await cluster.administer(database.name, "SELECT pg_stat_reset()")
        #expect(try await bench.restores.outlook(of: backup.id, in: database.target).writes == nil)
    }

    @Test("leave copies and replaced databases that are dropped once nobody needs them")
    func tidied() async throws {
        let cluster = try RunningCluster.current
        let bench = RestoreBench(cluster)
        let database = try await cluster.makeDatabase("CREATE TABLE t (id int)")
        try await cluster.administer(
            "postgres",
            "CREATE DATABASE opshub_restore_old1",
            "CREATE DATABASE opshub_kept_old1",
            "CREATE DATABASE opshub_kept_old2",
            "CREATE DATABASE opshub_kept_new",
        )
        let dropped = try await bench.restores.tidy(beside: database.target) { order, isKept in
            !order.hasPrefix("old") || (order == "old2" && isKept)
        }
        #expect(dropped == ["opshub_kept_old1", "opshub_restore_old1"])
        #expect(try await bench.names("old1", "old2", "new") == ["opshub_kept_new", "opshub_kept_old2"])
    }
}
