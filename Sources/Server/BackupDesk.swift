// SPDX-License-Identifier: Apache-2.0
public import API
public import Core

/// Backups as people ask for them.
public protocol BackupDesk: Sendable {
    /// Newest first.
    func backups(of environment: EnvironmentKey) async throws -> [BackupView]

    /// What is being done with backups of the environment at this moment.
    func underWay(in environment: EnvironmentKey) async throws -> [ProgressView]

    /// Everything that is known of one. Throws `not-found`.
    func backup(_ id: String) async throws -> BackupDetailView

    /// Copies every database of the environment now, and proves each copy by a restore; or one database as it was at a moment.
    func create(
        _ environment: EnvironmentKey,
        _ order: BackupOrder,
        by person: String,
    ) async throws -> [BackupView]

    /// The moments that databases of the environment can go back to; one entry for each whose server's log is kept.
    func windows(of environment: EnvironmentKey) async throws -> [WindowView]

    /// Proves a copy again. Throws `not-found`, or `backup-failed` with what differs.
    func verify(_ id: String) async throws -> BackupView

    /// Proves the copy that is elsewhere, by a restore from there. Throws `conflict` when there is none, or `backup-failed`.
    func verifyOffsite(_ id: String) async throws -> BackupView

    /// Brings a backup's files back from a store.
    func fetch(
        _ id: String,
        of environment: EnvironmentKey,
        from store: StoreName,
    ) async throws -> BackupView

    /// What keeps copies from being where they should be, in words.
    func problems(of environment: EnvironmentKey) async throws -> [String]

    /// What the environment's policy makes of its backups; removes those that go unless it is only asked.
    func prune(_ environment: EnvironmentKey, onlyAsked: Bool) async throws -> [BackupVerdictView]

    /// Which key opens every backup, without the key.
    func recoveryKey() async throws -> RecoveryKeyView

    /// The key itself, to be kept where this machine is not; that it was asked for is noted.
    func exportKey() async throws -> RecoveryKeyView
}
