// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// The server side of an archive: hands over what a server writes to its log, and goes back to a moment with it.
public protocol LogSource: Sendable {
    /// Writes a mark into a server's log, and returns once the archive's own receiver has it.
    ///
    /// Throws `unreachable` when the server or the receiver does not run, and `damaged-state` when the receiver can't go on: the server
    /// has given up keeping for it what it has not got, or does not follow the mark `last`. Then a new stream is to be begun, see ``renew(_:)``.
    func mark(_ cluster: DatabaseTarget, after last: LogMark?) async throws -> LogMark

    /// Begins to receive in a new stream, from where the server is now.
    func renew(_ cluster: DatabaseTarget) async throws

    /// Segments that were received.
    ///
    /// - Returns: Those that nothing will be added to, also the last one of a stream that has ended; and the one that is being received.
    func received(of cluster: DatabaseTarget) async throws -> (whole: [LogSegment], last: LogSegment?)

    /// Hands a received segment's bytes over, also one that is not complete yet; says false when it is not there.
    func read(_ segment: LogSegment, of cluster: DatabaseTarget, into sink: DumpSink) async throws -> Bool

    /// Removes segments, which are in the archive by now, and what is left of streams that have ended.
    ///
    /// Idempotent. The newest complete one of the present stream may stay: the receiver goes on from it.
    func release(_ segments: [LogSegment], of cluster: DatabaseTarget) async throws

    /// Makes a server of a base backup, has it replay the log until a moment, and dumps a database as it was then.
    ///
    /// The server is made for that alone, and nothing of it is left.
    ///
    /// - Parameters:
    ///   - database: Which.
    ///   - moment: The last of which transactions are in the dump.
    ///   - id: Names the server.
    ///   - base: What to begin with.
    ///   - feed: Hands the base backup's bytes over.
    ///   - log: Hands a segment over, or says false when there is none.
    ///   - sink: Takes the dump.
    /// - Returns: What the database held.
    /// - Throws: `backup-failed` when the server did not get to the moment.
    func dump(
        _ database: DatabaseTarget,
        asOf moment: Date,
        for id: BackupID,
        from base: BackupContent,
        _ feed: DumpFeed,
        _ log: @escaping LogReader,
        into sink: @escaping DumpSink,
    ) async throws -> DumpedDatabase
}

/// Hands a segment with this name (`000000010000000000000002`) to a sink, or says false when there is none.
public typealias LogReader = @Sendable (_ name: String, DumpSink) async throws -> Bool
