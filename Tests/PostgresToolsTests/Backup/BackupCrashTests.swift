// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Glibc
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

@Suite("Backups of a real database that are cut short", .tags(.postgres), .postgresCluster)
struct BackupCrashTests {
    @Test("A pg_dump that is killed is a failed backup without any bytes")
    func dumpKilled() async throws {
        let (bench, database) = try await busy()
        let task = Task { try await bench.create(database) }
        kill(try await process("pg_dump", of: database.name), SIGKILL)
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.code == .backupFailed)
        #expect(failure?.message.hasSuffix("failed: ended by signal 9") == true)
        try await expectNothing(of: database, bench)
    }

    @Test("A session that is ended by an administrator is a failed backup without any bytes")
    func sessionEnded() async throws {
        let (bench, database) = try await busy()
        let task = Task { try await bench.create(database) }
        _ = try await process("pg_dump", of: database.name)
        try await RunningCluster.current.administer(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database.name)'",
        )
        await #expect(throws: Failure.self) { try await task.value }
        try await expectNothing(of: database, bench)
    }

    @Test("A cancelled backup leaves no program, no session and no bytes")
    func cancelled() async throws {
        let (bench, database) = try await busy()
        let task = Task { try await bench.create(database) }
        let process = try await process("pg_dump", of: database.name)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ProcessTable.entry(process)?.isZombie ?? true)
        try await expectNothing(of: database, bench)
        let sessions =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database.name)' AND application_name LIKE 'opshub%'"
        let cluster = try RunningCluster.current
        try await until { try await cluster.value("postgres", sessions) == "0" }
    }

    @Test("A pg_restore that is killed says nothing of the backup")
    func restoreKilled() async throws {
        let (bench, database) = try await slow()
        let backup = try await bench.create(database)
        let task = Task { try await bench.backups.drill(backup.id) }
        kill(try await restoring(backup, bench), SIGKILL)
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.code == .programFailed)
        #expect(try await bench.store.backup(backup.id) == backup)
        #expect(!bench.hasDrill(backup))
    }

    @Test("A cancelled drill leaves no program and no server")
    func drillCancelled() async throws {
        let (bench, database) = try await slow()
        let backup = try await bench.create(database)
        let task = Task { try await bench.backups.drill(backup.id) }
        let process = try await restoring(backup, bench)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ProcessTable.entry(process)?.isZombie ?? true)
        #expect(!bench.hasDrill(backup))
        #expect(try await bench.store.backup(backup.id) == backup)
    }

    @Test("A full disk fails the backup and leaves nothing")
    func diskFull() async throws {
        let cluster = try RunningCluster.current
        let layout = cluster.home.layout
        let database = try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x")
        let bench = BackupBench(cluster)
        let backups = Backups(
            store: bench.store,
            vault: FileBackupVault(layout: layout, key: bench.key, reserve: ByteCount(1 << 60)),
            offsite: RcloneStores(layout: layout),
            server: bench.server,
            lock: PostgresDatabaseLock(layout: layout),
        )
        let failure = await #expect(throws: Failure.self) {
            try await backups.create(database.target, because: .schedule)
        }
        #expect(failure?.code == .diskFull)
        try await expectNothing(of: database, bench)
    }

    @Test("A database that is not there is a failed backup, not an empty one")
    func noDatabase() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let database = TestDatabase(cluster: cluster, name: "never_made")
        let failure = await #expect(throws: Failure.self) { try await bench.create(database) }
        #expect(failure?.message.contains("does not exist") == true)
        try await expectNothing(of: database, bench)
    }

    @Test("An accessory that was never started has no backup and no leftovers")
    func noAccessory() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let elsewhere = DatabaseTarget(cluster.home.environment, AccessoryName("none"), "x")
        let failure = await #expect(throws: Failure.self) {
            try await bench.backups.create(elsewhere, because: .schedule)
        }
        #expect(failure?.code == .notFound)
        let cleared = try await bench.server.clearDrills(beside: elsewhere, but: [])
        #expect(cleared.isEmpty)
    }

    /// A database whose dump and restore take long enough to be disturbed.
    private func busy() async throws -> (BackupBench, TestDatabase) {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 30) AS x FROM generate_series(1, 150000) i"
        )
        return (BackupBench(cluster), database)
    }

    /// A database with an index that takes its time where nothing is waited for until it is on disk: in a drill.
    private func slow() async throws -> (BackupBench, TestDatabase) {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            """
            CREATE FUNCTION slow(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
                $$BEGIN IF current_setting('fsync') = 'off' THEN PERFORM pg_sleep(0.2); END IF; RETURN n; END$$
            """,
            "CREATE TABLE t AS SELECT generate_series(1, 1000) AS n",
            "CREATE INDEX ON t (slow(n))",
        )
        return (BackupBench(cluster), database)
    }

    /// The client program that works on a database of this suite's cluster.
    ///
    /// Its server is asked for too: the clusters of the suites beside this one have databases of the same names.
    private func process(_ program: String, of database: String) async throws -> Int32 {
        let cluster = try RunningCluster.current
        let server = try #require(try ClusterRecord(cluster.home.folder(cluster.accessory))).socketFolder
        return try await process(program, of: database, at: server)
    }

    /// The program that restores a backup on the server of its drill.
    private func restoring(_ backup: Backup, _ bench: BackupBench) async throws -> Int32 {
        try await process(
            "pg_restore",
            of: backup.database.name,
            at: SocketFolder(bench.drill(backup).sockets).path,
        )
    }

    private func process(_ program: String, of database: String, at server: String) async throws -> Int32 {
        var found: Int32?
        try await until {
            found =
                ProcessTable.all()
                .first {
                    $0.name == program && !$0.isZombie
                        && ProcessTable.process($0.id, wasGiven: "PGHOST", server)
                        && ProcessTable.process($0.id, wasGiven: "PGDATABASE", database)
                }?
                .id
            return found != nil
        }
        return try #require(found)
    }

    private func expectNothing(of database: TestDatabase, _ bench: BackupBench) async throws {
        let known = try await bench.backups.list(database.cluster.home.environment)
            .filter { $0.database == database.target }
        #expect(known.map(\.state.name) == ["failed"])
        for backup in known { #expect(!Folder.exists(bench.place(backup).folder)) }
    }
}
