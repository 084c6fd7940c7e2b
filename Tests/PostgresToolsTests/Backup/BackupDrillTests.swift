// SPDX-License-Identifier: Apache-2.0
import Delivery
import Core
import DataSafety
import FoundationEssentials
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

@Suite("Backups of a real database, proven by restoring them", .tags(.postgres), .postgresCluster)
struct BackupDrillTests {
    @Test("A database with everything that SQL has comes back the same")
    func everything() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase()
        try await cluster.fillWithEverything(database)
        let bench = BackupBench(cluster)

        let written = try await bench.create(database)
        guard case .written(let content) = written.state else { throw Surprise(written) }
        let verified = try await bench.backups.drill(written.id)

        let drill = try #require(verified.drill, "\(verified.failure?.evidence ?? [])")
        #expect(drill.tables == content.fingerprint.tables.count)
        #expect(drill.rows == content.fingerprint.rows)
        #expect(drill.rows > 1_000)
        #expect(drill.countedOnly.isEmpty)
        #expect(content.server.version.hasPrefix("15."))
        #expect(drill.serverVersion == content.server.version)
        #expect(content.tool == "pg_dump \(content.server.version)")
        #expect(content.server.systemIdentifier.count > 15)
        #expect(content.server.collation == "C.UTF-8")
        #expect(content.fingerprint.definitions["INDEX public.ships_odd_expression"] != nil)
        #expect(content.fingerprint.tables["\"Odd \"\"Schema\"\"\".\"Weird 'name; --\""]?.rows == 2)
        #expect(content.fingerprint.tables["large objects"]?.rows == 2)
        #expect(!bench.hasDrill(written))
        #expect(try await bench.store.backup(written.id) == verified)
    }

    @Test(
        "How long the first one will be is known about; a table that somebody holds keeps nobody waiting for that"
    )
    func estimate() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 20) AS text FROM generate_series(1, 10000) n",
            "CREATE INDEX ON t (text)",
        )
        let bench = BackupBench(cluster)
        let estimate = try #require(try await bench.server.estimate(of: database.target))
        let size = try #require(try await bench.create(database).content?.encoding?.plain.size)
        #expect((size.bytes / 2...size.bytes * 2).contains(estimate.bytes), "\(estimate), \(size)")
        try await PostgresSession.with(database.endpoint) { session in
            try await session.query("BEGIN")
            try await session.query("LOCK TABLE t")
            await #expect(throws: Failure.self) { try await bench.server.estimate(of: database.target) }
        }
    }

    @Test("What is on disk is a manifest that says it all, for nobody else to read")
    func onDisk() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x")
        let bench = BackupBench(cluster)

        let backup = try await bench.backups.drill(try await bench.create(database).id)

        let place = bench.place(backup)
        let written = try place.backup()
        #expect(written.id == backup.id && written.isVerified)
        #expect(written.content?.seal == backup.content?.seal)
        #expect(written.content?.fingerprint == backup.content?.fingerprint)
        #expect(written.drill?.rows == 1)
        #expect(try mode(of: place.folder) == 0o700)
        #expect(try mode(of: place.dump) == 0o600)
        #expect(try mode(of: place.manifest) == 0o600)
        let hash = try await ProgramRunner().run(Program("sha256sum", [place.dump]))
        #expect(hash.output.hasPrefix(backup.content?.seal.sha256 ?? "none"))
        #expect(try FileContent.bytes(of: place.dump)?.prefix(8).elementsEqual("OPSHUBBK".utf8) == true)
    }

    @Test("Rows, sequences and tables that change while the dump is made don't matter")
    func writesMeanwhile() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE busy (id bigint GENERATED ALWAYS AS IDENTITY, x text)",
            "INSERT INTO busy (x) SELECT repeat('x', 500) FROM generate_series(1, 20000)",
        )
        let bench = BackupBench(cluster)
        let writer = Task {
            try await PostgresSession.with(database.endpoint) { session in
                var rounds = 0
                while !Task.isCancelled {
                    try await session.query("INSERT INTO busy (x) SELECT 'more' FROM generate_series(1, 50)")
                    try await session.query("UPDATE busy SET x = 'other' WHERE id % 97 = \(rounds % 97)")
                    try await session.query("DELETE FROM busy WHERE id % 1009 = \(rounds % 1009)")
                    rounds += 1
                }
                return rounds
            }
        }
        try await until { try await database.value("SELECT max(id) > 20200 FROM busy") == "t" }

        let written = try await bench.create(database)
        writer.cancel()
        _ = await writer.result
        let verified = try await bench.backups.drill(written.id)

        #expect(verified.isVerified, "\(verified.failure?.evidence ?? [])")
        let sequence = try #require(written.content?.fingerprint.sequences["public.busy_id_seq"])
        #expect(sequence.after == sequence.before && sequence.before > 20_200)
        let now = Int64(try await database.value("SELECT max(id) FROM busy")) ?? 0
        #expect(now >= sequence.after)
    }

    @Test("A database without tables is a good backup of nothing")
    func emptyDatabase() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let backup = try await bench.create(try await cluster.makeDatabase())
        let verified = try await bench.backups.drill(backup.id)
        #expect(verified.drill?.tables == 0)
        #expect(verified.drill?.rows == 0)
    }

    @Test("A large row comes back")
    func large() async throws {
        let database = try await RunningCluster.current.makeDatabase(
            "CREATE TABLE blobs (id int, body bytea)",
            "INSERT INTO blobs VALUES (1, decode(repeat('00ff5c27', 8 << 20), 'hex')), (2, '')",
        )
        let bench = BackupBench(try RunningCluster.current)
        let verified = try await bench.backups.drill(try await bench.create(database).id)
        #expect(verified.drill?.countedOnly == [])
        #expect(verified.content?.fingerprint.tables["public.blobs"]?.rows == 2)
    }

    @Test("Where a table lies is compared too, and comes back on the server of the drill")
    func tablespace() async throws {
        let cluster = try RunningCluster.current
        let record = try #require(try ClusterRecord(cluster.home.folder(cluster.accessory)))
        let account = try #require(SystemUser.find(name: record.account))
        let name = "Fast \(UInt32.random(in: .min ... .max))"
        let folder = "\(cluster.home.folder(cluster.accessory).path)/space"
        try Folder.make(folder, mode: 0o700)
        try Folder.setOwner(userID: account.userID, groupID: account.groupID, of: folder)
        try await cluster.administer("postgres", "CREATE TABLESPACE \"\(name)\" LOCATION '\(folder)'")
        try await cluster.administer("postgres", "GRANT CREATE ON TABLESPACE \"\(name)\" TO PUBLIC")
        let database = try await cluster.makeDatabase(
            "CREATE TABLE t (x int PRIMARY KEY USING INDEX TABLESPACE \"\(name)\") TABLESPACE \"\(name)\"",
            "INSERT INTO t VALUES (1)",
        )
        let bench = BackupBench(cluster)
        let verified = try await bench.backups.drill(try await bench.create(database).id)
        #expect(verified.isVerified, "\(verified.failure?.evidence ?? [])")
    }

    @Test(
        "Large tables, which are read beside the rest, are compared like the others; and one of them that differs is found"
    )
    func halves() async throws {
        let cluster = try RunningCluster.current
        let rows = "AS SELECT i, repeat(md5(i::text), 8) AS x FROM generate_series(1, 60000) i"
        let database = try await cluster.makeDatabase(
            "CREATE TABLE \"Odd \"\"name\" \(rows)",
            "CREATE TABLE \"MixedCase*?\" \(rows)",
            "CREATE TABLE plain \(rows)",
            "CREATE TABLE small AS SELECT 1 AS x",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        let content = try #require(backup.content)
        #expect(content.databaseSize > .mebibytes(48))
        #expect(try await bench.backups.drill(backup.id).drill?.rows == 180_001)
        for table in content.fingerprint.tables.keys {
            var changed = content
            changed.fingerprint.tables[table]?.digest = "another"
            var other = Backup(
                id: backup.id,
                of: backup.database,
                because: backup.reason,
                at: backup.startedAt,
            )
            try other.apply(.dumped(changed), at: backup.changedAt)
            try await bench.store.save(other)
            let failed = try await bench.backups.drill(backup.id)
            #expect(failed.failure?.message.contains(table) == true, "\(table)")
        }
    }

    @Test("What an application has attached to its types is not run by whoever reads them for a backup")
    func hostileCast() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let body = "$$ BEGIN RAISE EXCEPTION 'run by %', current_user; END $$"
        let database = try await cluster.makeDatabase(
            "CREATE TABLE shipments AS SELECT 1 AS id",
            "CREATE FUNCTION told(shipments) RETURNS text LANGUAGE plpgsql AS \(body)",
            "CREATE CAST (shipments AS text) WITH FUNCTION told(shipments)",
        )
        let backup = try await bench.create(database)
        #expect(try await bench.backups.drill(backup.id).isVerified)
    }

    @Test("What a database runs while it is restored, it does not run on the accessory's own server")
    func elsewhere() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let body = "LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN"
        let database = try await cluster.makeDatabase(
            "CREATE FUNCTION here(int) RETURNS int \(body) RETURN $1; END $$",
            "CREATE TABLE t AS SELECT 1 AS x",
            "CREATE INDEX places ON t (here(x))",
            // Called for every row while the index is made anew.
            """
            CREATE OR REPLACE FUNCTION here(int) RETURNS int \(body)
            IF current_setting('port') = '\(cluster.address.port)' THEN RAISE EXCEPTION 'run where the application is'; END IF;
            RETURN $1; END $$
            """,
        )
        let backup = try await bench.create(database)
        let content = try #require(backup.content)
        let box = ByteCollector()
        _ = try await bench.vault.read(backup) { box.add($0) }
        let bytes = box.bytes
        let (found, _) = try await bench.server.drill(
            backup,
            from: DumpFeed { sink in
                #expect(bench.hasDrill(backup))
                let user = AccountName(cluster.home.environment, .drills).rawValue
                let owner = try #require(SystemUser.current.isRoot ? SystemUser.find(name: user) : .current)
                let data = try FileManager.default.attributesOfItem(atPath: bench.drill(backup).data)
                #expect(data[.ownerAccountID] as? Int == Int(owner.userID), "it is run as another account")
                try await sink(bytes)
            },
        )

        #expect(found.tables == content.fingerprint.tables)
        #expect(found.definitions == content.fingerprint.definitions)
        #expect(!bench.hasDrill(backup))
    }

    @Test("The roles of a backup are made on the server of its drill; one that can't be made fails it")
    func roles() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let role = "reader_\(UInt32.random(in: .min ... .max))"
        try await cluster.administer(
            "postgres",
            "CREATE ROLE \(role)",
            "ALTER ROLE \(role) SET search_path TO 'a b', public",
        )
        let database = try await cluster.makeDatabase(
            "CREATE TABLE t AS SELECT 1 AS x",
            "GRANT SELECT ON t TO \(role)",
        )
        let backup = try await bench.create(database)
        // Gone since: only the backup knows of it.
        try await cluster.administer(database.name, "DROP OWNED BY \(role)", "DROP ROLE \(role)")
        let verified = try await bench.backups.drill(backup.id)
        #expect(verified.isVerified, "\(verified.failure?.evidence ?? [])")

        var content = try #require(backup.content)
        content.roles = (content.roles ?? "") + "GRANT nobody_knows TO \(role);\n"
        var other = Backup(id: backup.id, of: backup.database, because: backup.reason, at: backup.startedAt)
        try other.apply(.dumped(content), at: backup.changedAt)
        try await bench.store.save(other)
        let failed = try await bench.backups.drill(backup.id)
        #expect(failed.failure?.message.contains("nobody_knows") == true)
        #expect(!bench.hasDrill(backup))
    }

    @Test("Nothing but a database of OpsHub's own is ever dropped")
    func dropGuard() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let database = try await cluster.makeDatabase()
        let wrong = ScratchDatabase(database.name, beside: database.target)
        let failure = await #expect(throws: Failure.self) { try await bench.server.drop(wrong) }
        #expect(failure?.code == .conflict)
        #expect(try await database.value("SELECT 1") == "1")
    }

    @Test("Two backups of one database wait for each other, and a migration for both")
    func oneAfterTheOther() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE t AS SELECT generate_series(1, 50000) AS x"
        )
        let (one, other) = (BackupBench(cluster), BackupBench(cluster))
        async let first = one.create(database)
        async let second = other.create(database)
        let backups = [try await first, try await second]
        #expect(backups.allSatisfy { $0.content?.fingerprint.rows == 50_000 })
        #expect(Set(backups.map(\.id)).count == 2)
    }

    @Test("Verified again later, a backup is as good as it was")
    func later() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x")
        let bench = BackupBench(cluster)
        let first = try await bench.backups.drill(try await bench.create(database).id)
        try await database.run("DROP TABLE t", "CREATE TABLE u ()")

        let again = try await bench.backups.verify(first.id)

        #expect(again.isVerified)
        #expect(try #require(again.drill?.at) > (try #require(first.drill?.at)))
    }

    @Test(
        "A database that grew more than its disk has room for is not restored, and nothing is said of the backup"
    )
    func noRoom() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let backup = try await bench.create(try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x"))
        var content = try #require(backup.content)
        content.databaseSize = ByteCount(1 << 60)
        var huge = Backup(id: backup.id, of: backup.database, because: backup.reason, at: backup.startedAt)
        try huge.apply(.dumped(content), at: backup.changedAt)
        try await bench.store.save(huge)

        let failure = await #expect(throws: Failure.self) { try await bench.backups.drill(backup.id) }

        #expect(failure?.code == .diskFull)
        #expect(try await bench.store.backup(backup.id)?.state.name == "written")
    }

    @Test("A backup of another major version is not restored here, and nothing is said of it")
    func otherMajor() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let backup = try await bench.create(try await cluster.makeDatabase())
        var content = try #require(backup.content)
        content.server.version = "14.9"
        var other = Backup(id: backup.id, of: backup.database, because: backup.reason, at: backup.startedAt)
        try other.apply(.dumped(content), at: backup.changedAt)
        try await bench.store.save(other)

        let failure = await #expect(throws: Failure.self) { try await bench.backups.drill(backup.id) }

        #expect(failure?.code == .conflict)
        #expect(failure?.message.contains("made by PostgreSQL 14, and its accessory runs 15") == true)
    }
}

/// A backup in a state that the test did not expect.
struct Surprise: Error {
    let backup: Backup

    init(_ backup: Backup) {
        self.backup = backup
    }
}
