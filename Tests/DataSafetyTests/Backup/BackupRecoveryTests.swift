// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import TestSupport
import Testing

@Suite("Backups after the control plane ended at any point")
struct BackupRecoveryTests {
    private let bench = Bench()

    private func recover() async throws -> BackupRecovery {
        try await bench.backups.recover(Samples.environment, databases: [Samples.database])
    }

    @Test("With nothing half-done nothing is touched")
    func nothing() async throws {
        let verified = try await bench.backups.drill(try await bench.written().id)
        let saves = bench.store.history.count
        #expect(try await recover() == BackupRecovery())
        #expect(bench.store.history.count == saves)
        #expect(try await bench.state(verified.id) == verified.state)
    }

    @Test("One that had just begun becomes a failed one, and its half a dump goes")
    func begun() async throws {
        try await bench.store.save(Samples.backup(1))
        bench.vault.put(Array("the d".utf8), for: BackupID("b1"))

        let recovery = try await recover()

        #expect(recovery.interrupted == [BackupID("b1")])
        #expect(recovery.oddities.count == 1, "as it lay there before")
        let failure = try #require(try await bench.store.backup(BackupID("b1"))?.failure)
        #expect(failure.isRetryable && failure.code == .backupFailed)
        #expect(bench.vault.dumps.isEmpty)
        #expect(try await recover() == BackupRecovery(), "twice is as good as once")
    }

    @Test("One whose manifest was published before the catalogue knew is written")
    func published() async throws {
        let written = try await bench.written()
        try await bench.store.save(Samples.backup(1))

        #expect(try await recover().adopted == [written.id])
        #expect(try await bench.state(written.id) == written.state)
    }

    @Test("A catalogue that was lost is made again from the manifests, and gives no name twice")
    func lostCatalogue() async throws {
        for _ in 0..<3 { _ = try await bench.written() }
        let before = try await bench.backups.list(Samples.environment)
        for backup in before { try await bench.store.remove(backup.id) }

        #expect(Set(try await recover().adopted) == Set(before.map(\.id)))
        #expect(try await bench.backups.list(Samples.environment) == before)
        #expect(try await bench.written().id == BackupID("b4"))
    }

    @Test("What the catalogue knows and the vault has not is told, and left for a person to see")
    func missing() async throws {
        let written = try await bench.written()
        bench.vault.put(nil, for: written.id)
        #expect(try await recover().missing == [written.id])
        #expect(try await bench.state(written.id) == written.state)
    }

    @Test("Servers of drills that ended are removed; that of a drill that runs is not")
    func drills() async throws {
        bench.server.leaveDrill(BackupID("b7"))
        let written = try await bench.written()
        bench.server.leaveDrill(written.id)
        let bench = bench
        bench.server.change { script in
            script.drill = { _ in
                let recovery = try await bench.backups.recover(
                    Samples.environment,
                    databases: [Samples.database],
                )
                #expect(recovery.cleared == [BackupID("b7")])
                return ScriptedDatabaseServer.Script.restored
            }
        }
        #expect(try await bench.backups.drill(written.id).isVerified)
        #expect(bench.server.leftDrills == [written.id])
    }
}
