// SPDX-License-Identifier: Apache-2.0
public import Core

/// Places elsewhere that copies of backups go to.
///
/// A copy without a manifest does not exist: the manifest goes last (Invariant 12). Where a copy lies is named by its backup and
/// its bytes, so that no copy ever takes the place of another one, also of another home. Throws `unreachable` for a store that
/// does not answer in time, `unauthorized` when it refuses, `not-found` for a store that nobody has added.
public protocol OffsiteStores: Sendable {
    /// Where a store is, without anything secret; nil when nobody has added one of that name.
    func address(of store: StoreName) async throws -> String?

    /// Sends a backup's dump as it lies in the vault, in place of whatever an interrupted call left.
    func send(_ backup: Backup, to store: StoreName, passing: @escaping ByteCounter) async throws

    /// What the store holds of a backup's dump, read from there from beginning to end.
    ///
    /// Throws `backup-failed` when it holds none.
    func seal(
        of backup: Backup,
        in store: StoreName,
        passing: @escaping ByteCounter,
    ) async throws -> DumpSeal

    /// Sends a backup's manifest as it lies in the vault, and reads it back.
    ///
    /// Throws `backup-failed` when something else came back.
    func publish(_ backup: Backup, to store: StoreName) async throws

    /// Hands the bytes of a backup's dump over as the store has them.
    ///
    /// Throws `backup-failed` when it has none.
    func read(_ backup: Backup, from store: StoreName, into sink: @escaping DumpSink) async throws

    /// What the manifests of an environment say that a store has, newest first.
    func contents(of environment: EnvironmentKey, in store: StoreName) async throws -> VaultContents

    /// Removes a copy, its manifest first.
    ///
    /// Idempotent.
    func discard(_ backup: Backup, from store: StoreName) async throws
}
