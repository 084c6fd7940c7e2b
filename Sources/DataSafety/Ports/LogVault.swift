// SPDX-License-Identifier: Apache-2.0

/// Where a server's write-ahead log is kept, compressed and encrypted.
public protocol LogVault: Sendable {
    /// The segments that are there, in order.
    func segments(of cluster: DatabaseTarget) async throws -> [LogSegment]

    /// Receives the bytes that `body` writes, and has them safely on disk when it returns.
    ///
    /// When `body` throws, nothing is kept. Throws `backup-failed` when they are not a whole segment, `disk-full` before the disk is.
    func receive(
        _ segment: LogSegment,
        of cluster: DatabaseTarget,
        from body: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws

    /// Hands a segment's bytes to `sink`; says false when it is not there.
    ///
    /// Throws `backup-failed` when it was changed.
    func read(_ segment: LogSegment, of cluster: DatabaseTarget, into sink: DumpSink) async throws -> Bool

    /// Deletes segments.
    ///
    /// Idempotent.
    func discard(_ segments: [LogSegment], of cluster: DatabaseTarget) async throws

    /// How far the archive reaches; nil before it has begun.
    func record(of cluster: DatabaseTarget) async throws -> LogRecord?

    /// Writes that down durably.
    func save(_ record: LogRecord, of cluster: DatabaseTarget) async throws
}
