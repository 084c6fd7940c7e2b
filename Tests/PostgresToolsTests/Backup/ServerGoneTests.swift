// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Glibc
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

/// One after another: the server is everybody's.
@Suite(
    "A server that is gone before, during or after a backup of it",
    .tags(.postgres, .slow),
    .postgresCluster,
    .serialized,
)
struct ServerGoneTests {
    /// About 30 MB each, so that a restore has lanes.
    private static let rows =
        "SELECT n, md5(n::text) || repeat('x', 60) AS x FROM generate_series(1, 300000) n"

    private func database() async throws -> TestDatabase {
        try await RunningCluster.current.makeDatabase(
            "CREATE TABLE one AS \(Self.rows)",
            "CREATE TABLE two AS \(Self.rows)",
        )
    }

    private func start() async throws {
        let cluster = try RunningCluster.current
        _ = try await cluster.home.accessories.ensure(cluster.accessory)
    }

    /// As the kernel does it that has no memory left.
    private func killServer(at folder: ClusterFolder) throws {
        let text = try #require(try FileContent.text(of: "\(folder.data)/postmaster.pid"))
        let process = try #require(text.split(separator: "\n").first.flatMap { Int32($0) })
        #expect(kill(process, SIGKILL) == 0)
    }

    /// Waits until somebody fills or reads a table in one of a server's databases.
    private func copying(_ record: ClusterRecord, in database: String) async throws {
        try await until {
            // It may be on its way up.
            let found = try? await PostgresSession.with(record.endpoint("postgres", as: "test")) {
                try await $0.query(
                    "SELECT FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE 'COPY%'",
                    [database],
                )
            }
            return found?.isEmpty == false
        }
    }

    @Test("is no backup before, and does not keep one that was made from being proven")
    func stopped() async throws {
        let cluster = try RunningCluster.current
        let database = try await database()
        let bench = BackupBench(cluster)
        let written = try await bench.create(database)
        try await cluster.home.accessories.stop(cluster.accessory)

        let failure = await #expect(throws: Failure.self) { try await bench.create(database) }
        #expect(failure?.code == .unreachable, "\(failure.map(String.init(describing:)) ?? "")")
        let known = try await bench.backups.list(cluster.home.environment)
            .filter { $0.database == database.target }
        #expect(Set(known.map(\.state.name)) == ["failed", "written"])
        for backup in known where backup.id != written.id {
            #expect(!Folder.exists(bench.place(backup).folder))
        }
        #expect(try await bench.backups.drill(written.id).isVerified)
        try await start()
        #expect(try await bench.backups.drill(try await bench.create(database).id).isVerified)
    }

    @Test("fails the backup that is being made, of which nothing stays, and not the one after it")
    func killedMeanwhile() async throws {
        let cluster = try RunningCluster.current
        let database = try await database()
        try await database.run(
            "INSERT INTO one SELECT n, x FROM two",
            "INSERT INTO two SELECT n, x FROM one",
        )
        let bench = BackupBench(cluster)
        let folder = cluster.home.folder(cluster.accessory)
        let record = try #require(try ClusterRecord(folder))
        let task = Task { try await bench.create(database) }
        try await copying(record, in: database.name)
        try killServer(at: folder)
        await #expect(throws: Failure.self) { try await task.value }
        let known = try await bench.backups.list(cluster.home.environment)
            .filter { $0.database == database.target }
        #expect(known.map(\.state.name) == ["failed"])
        for backup in known { #expect(!Folder.exists(bench.place(backup).folder)) }
        try await start()
        #expect(try await bench.backups.drill(try await bench.create(database).id).isVerified)
    }

    @Test("fails a drill, and says nothing of the backup")
    func drillKilled() async throws {
        let cluster = try RunningCluster.current
        let database = try await slow()
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        let task = Task { try await bench.backups.drill(backup.id) }
        let folder = bench.drill(backup)
        let record = ClusterRecord(
            major: 15,
            port: 5432,
            database: database.name,
            socketFolder: SocketFolder(folder.sockets).path,
            account: "",
        )
        try await copying(record, in: database.name)
        try killServer(at: folder)
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.code == .programFailed, "\(failure.map(String.init(describing:)) ?? "")")
        #expect(failure?.isRetryable == true)
        #expect(try await bench.store.backup(backup.id) == backup)
        #expect(!bench.hasDrill(backup))
    }

    @Test("fails a restore, and the database that serves is whole")
    func restoreKilled() async throws {
        let cluster = try RunningCluster.current
        let database = try await database()
        let bench = RestoreBench(cluster)
        let backup = try await bench.backups.create(database)
        try await database.run("DELETE FROM two")
        let folder = cluster.home.folder(cluster.accessory)
        let record = try #require(try ClusterRecord(folder))
        let task = Task {
            try await bench.restores.prepare(backup.id, for: database.target, order: "gone")
        }
        try await copying(record, in: Restores.copyName(for: "gone"))
        try killServer(at: folder)
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.code != .backupFailed, "\(failure.map(String.init(describing:)) ?? "")")
        try await start()
        #expect(try await database.value("SELECT count(*) FROM one") == "300000")
        #expect(try await database.value("SELECT count(*) FROM two") == "0")
        _ = try await bench.restores.tidy(beside: database.target) { _, _ in false }
        #expect(try await bench.names("gone") == [])
        #expect(try await bench.backups.store.backup(backup.id) == backup)
        try await bench.restore(backup, into: database, order: "after")
        #expect(try await database.value("SELECT count(*) FROM two") == "300000")
    }

    @Test("that has no room left for a drill says nothing of the backup", arguments: [true, false])
    func diskFull(inLanes: Bool) async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase("CREATE TABLE one AS \(Self.rows)")
        if inLanes { try await database.run("CREATE TABLE two AS \(Self.rows)") }
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        let drills = "\(cluster.home.folder(cluster.accessory).path)/drills"
        try Folder.make(drills)
        // An empty server and its database take about 50 MB.
        let mount = Program("mount", ["-t", "tmpfs", "-o", "size=62m,mode=755", "tmpfs", drills])
        _ = try await ProgramRunner().run(mount).checked(doing: "mount")
        defer { _ = unsafe umount2(drills, CInt(MNT_DETACH)) }
        let failure = await #expect(throws: Failure.self) { try await bench.backups.drill(backup.id) }
        #expect(failure?.code == .diskFull, "\(failure.map(String.init(describing:)) ?? "")")
        #expect(try await bench.store.backup(backup.id) == backup)
        #expect(try Folder.names(in: drills) == [])
    }

    /// Its rows take their time where nothing is waited for until it is on disk: in a drill.
    private func slow() async throws -> TestDatabase {
        try await RunningCluster.current.makeDatabase(
            """
            CREATE FUNCTION slow(n int) RETURNS bool LANGUAGE plpgsql AS
                $$BEGIN IF n % 1000 = 0 AND current_setting('fsync') = 'off' THEN PERFORM pg_sleep(0.2); END IF; RETURN true; END$$
            """,
            "CREATE TABLE one AS \(Self.rows)",
            "CREATE TABLE two AS \(Self.rows)",
            "ALTER TABLE one ADD CHECK (slow(n))",
        )
    }
}
