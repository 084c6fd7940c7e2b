// SPDX-License-Identifier: Apache-2.0
public import Core

/// The catalogue of backups.
///
/// What it says can be made again from the manifests in the ``BackupVault``.
public protocol BackupStore: Sendable {
    /// A name that no backup has, had, or will be given by a later call, also after a crash.
    ///
    /// Not idempotent: every call gives another one, greater than that of every backup that was ever saved.
    func nextBackupID() async throws -> BackupID

    /// Writes a backup, in place of what was known of it.
    ///
    /// Idempotent; durable when it returns.
    func save(_ backup: Backup) async throws

    /// One backup; nil when there is none.
    func backup(_ id: BackupID) async throws -> Backup?

    /// Every backup of an environment in any state, newest first (by `startedAt`, then by number).
    func backups(of environment: EnvironmentKey) async throws -> [Backup]

    /// Forgets a backup.
    ///
    /// Idempotent.
    func remove(_ id: BackupID) async throws
}
