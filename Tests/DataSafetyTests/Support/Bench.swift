// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import TestSupport

/// Backups with every outside part scripted.
struct Bench: Sendable {
    let store = InMemoryBackupStore()
    let vault: InMemoryVault
    let offsite: ScriptedOffsiteStores
    let server = ScriptedDatabaseServer()
    let lock = ScriptedLock()
    let time = SteppedTime()
    let backups: Backups

    init(limits: BackupLimits = BackupLimits()) {
        vault = InMemoryVault()
        offsite = ScriptedOffsiteStores(vault)
        backups = Backups(
            store: store,
            vault: vault,
            offsite: offsite,
            server: server,
            lock: lock,
            time: time,
            limits: limits,
        )
    }

    /// A backup that is written.
    func written() async throws -> Backup {
        try await backups.create(Samples.database, because: .schedule)
    }

    /// What the catalogue says of a backup.
    func state(_ id: BackupID) async throws -> BackupState? {
        try await store.backup(id)?.state
    }
}
