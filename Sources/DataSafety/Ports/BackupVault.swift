// SPDX-License-Identifier: Apache-2.0
public import Core

/// Takes a dump's bytes in order.
///
/// Throws when it can't take them; its caller then stops.
public typealias DumpSink = @Sendable ([UInt8]) async throws -> Void

/// Is told how many bytes more have passed.
public typealias ByteCounter = @Sendable (_ more: Int) -> Void

/// Where dumps and their manifests lie.
///
/// A dump without a manifest does not exist: the manifest is published last and in one piece (Invariant 12).
public protocol BackupVault: Sendable {
    /// Receives the bytes that `body` writes, and has them safely on disk when it returns, compressed and encrypted.
    ///
    /// Replaces what an interrupted call for the same backup left. When `body` throws or the task is
    /// cancelled, nothing is kept. Throws `conflict` when this backup has a manifest already, `disk-full`
    /// before the disk is.
    func receive<Result: Sendable>(
        _ backup: Backup,
        from body: @Sendable (@escaping DumpSink) async throws -> Result,
    ) async throws -> (Result, StoredDump)

    /// Whether anything lies where this backup would: then its name is taken, whatever the catalogue says.
    func holds(_ backup: Backup) async throws -> Bool

    /// Writes a backup's manifest, in place of an earlier one.
    ///
    /// Idempotent. The dump must have been received.
    func publish(_ backup: Backup) async throws

    /// Hands a dump's bytes to `sink` as they were received, and says which they were.
    ///
    /// Throws `not-found` when there is no dump, `backup-failed` when it was changed or another key encrypted it; what was
    /// handed over until then is right.
    func read(_ backup: Backup, into sink: @escaping DumpSink) async throws -> StoredDump

    /// Hands a part of a dump's bytes to `sink`, counted as they were received; what lies before it is not read where it needn't be.
    ///
    /// Throws `not-found` when there is no dump, `backup-failed` when what it reads was changed, when another key encrypted it, and when it
    /// ends before the part does.
    func read(_ backup: Backup, _ part: Range<Int64>, into sink: @escaping DumpSink) async throws

    /// What the dump's file holds now, read from beginning to end; no key is needed.
    ///
    /// Throws `not-found` when there is no dump.
    func seal(of backup: Backup, passing: @escaping ByteCounter) async throws -> DumpSeal

    /// Holds a copy of a backup's dump, whose file's bytes `source` writes, for as long as `body` reads it.
    ///
    /// Nothing of it is left afterwards. Throws `backup-failed` when the bytes are not the backup's, `disk-full` before the disk
    /// is.
    func borrow<Result: Sendable>(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
        body: @Sendable (DumpSource) async throws -> Result,
    ) async throws -> Result

    /// Takes a backup's dump in, whose file's bytes `source` writes; its manifest is to be published then.
    ///
    /// When `source` throws or writes something else than the backup's bytes (`backup-failed`), nothing is kept. Throws
    /// `conflict` when the backup lies here already.
    func adopt(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws

    /// What the manifests of an environment say, newest first, and which folders can't be read.
    ///
    /// Deletes nothing.
    func contents(of environment: EnvironmentKey) async throws -> VaultContents

    /// Deletes a backup's files: the manifest first, so that a crash leaves no manifest without a dump.
    ///
    /// Idempotent.
    func discard(_ backup: Backup) async throws
}
