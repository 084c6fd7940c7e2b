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

    @Test("Killed during a drill, its server is removed by recovery, and that of a drill that runs is not")
    func duringDrill() async throws {
        let cluster = try RunningCluster.current
        let bench = BackupBench(cluster)
        let backup = try await bench.create(try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x"))
        let failure = await #expect(throws: Failure.self) {
            _ = try await bench.server.drill(
                backup,
                from: DumpFeed { _ in
                    let running = try await bench.server.clearDrills(
                        beside: backup.database,
                        but: [backup.id],
                    )
                    #expect(running.isEmpty && bench.hasDrill(backup))
                    // As a control plane that begins anew: nothing of the one before is running for it.
                    let recovery = try await bench.recover()
                    #expect(recovery.cleared == [backup.id])
                    #expect(!bench.hasDrill(backup))
                    throw Failure(.unexpected, "killed")
                },
            )
        }
        #expect(failure != nil)
        #expect(try await bench.backups.drill(backup.id).isVerified)
    }
}
