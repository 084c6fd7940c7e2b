// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

@Suite(
    "Backups of a real database after the control plane was killed",
    .tags(.postgres),
    .postgresCluster,
    .serialized,
)
struct BackupRecoveryTests {
    @Test("Killed between dump and manifest, a backup is listed as nothing good and found by recovery")
    func beforeManifest() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let database = try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x")
        let backup = try await bench.create(database)
        var started = Backup(
            id: backup.id,
            of: backup.database,
            because: backup.reason,
            at: backup.startedAt,
        )
        try await bench.store.save(started)
        try Folder.remove(bench.place(backup).manifest)

        #expect(try await !bench.listed().contains(backup.id))
        let recovery = try await bench.recover()

        #expect(recovery.interrupted == [backup.id])
        #expect(recovery.oddities.contains { $0.folder == bench.place(backup).folder })
        started = try await bench.backups.backup(backup.id)
        #expect(started.failure?.isRetryable == true)
        #expect(!Folder.exists(bench.place(backup).folder))
    }

    @Test("Killed during a drill, its scratch database is dropped by recovery")
    func duringDrill() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let backup = try await bench.create(try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x"))
        let scratch = ScratchDatabase(of: backup)
        try await bench.server.makeScratch(scratch, for: backup)
        #expect(try await bench.recover().dropped.contains(scratch.name))
        #expect(try await !bench.hasScratch(backup))
        #expect(try await bench.backups.drill(backup.id).isVerified)
    }
}
