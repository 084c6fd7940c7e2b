// SPDX-License-Identifier: Apache-2.0
public import Core

extension Backups {
    /// Puts catalogue, vault and servers in order after the control plane ended at any point.
    ///
    /// Idempotent.
    ///
    /// To be called before anything else uses these databases: whatever is half-done was left by a process
    /// that ended. Half-written backups become failed ones, backups that only the vault knows come back
    /// into the catalogue, and servers of drills that ended are removed.
    public func recover(
        _ environment: EnvironmentKey,
        databases: [DatabaseTarget],
    ) async throws -> BackupRecovery {
        var recovery = BackupRecovery()
        let contents = try await vault.contents(of: environment)
        recovery.oddities = contents.oddities
        let known = Dictionary(
            try await store.backups(of: environment).map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first },
        )
        for backup in contents.backups where known[backup.id] == nil || isOutrun(known[backup.id]) {
            try await store.save(backup)
            recovery.adopted.append(backup.id)
        }
        let published = Set(contents.backups.map(\.id))
        for backup in known.values.sorted(by: { $0.startedAt < $1.startedAt })
        where !published.contains(backup.id) {
            if case .started = backup.state {
                try await giveUp(backup)
                recovery.interrupted.append(backup.id)
            } else if backup.content != nil {
                recovery.missing.append(backup.id)
            }
        }
        for database in databases {
            recovery.cleared += try await server.clearDrills(beside: database, but: Set(busy.keys))
        }
        return recovery
    }

    /// Whether the manifest knows more: it is published before the catalogue is told.
    private func isOutrun(_ backup: Backup?) -> Bool {
        guard case .started? = backup?.state else { return false }
        return true
    }

    private func giveUp(_ backup: Backup) async throws {
        var failed = backup
        let failure = Failure(
            .backupFailed,
            "backup \(backup.id) was interrupted when the control plane ended",
            hint: "make another one: opshub backup create",
            isRetryable: true,
        )
        try failed.apply(.dumpFailed(failure), at: time.now)
        try await vault.discard(failed)
        try await store.save(failed)
    }
}
