// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Synchronization

/// A server's log and the archive of it, in memory.
final class ScriptedLog: LogSource, LogVault {
    struct Content {
        /// What a mark is answered with; taken in order, the last again and again.
        var marks: [Result<LogMark, Failure>] = []
        var renewals = 0
        var whole: [LogSegment] = []
        var last: LogSegment?
        var archived: Set<LogSegment> = []
        var record: LogRecord?
        /// Keeps segments from being archived.
        var refusal: Failure?
        /// What recoveries were asked for.
        var recoveries: [(moment: Date, base: BackupContent)] = []
        /// Segments that a recovery asks for, and whether they were there.
        var asked: [(name: String, isThere: Bool)] = []
        var wanted: [String] = []
    }

    private let content = Mutex(Content())

    /// Looks at it, or changes it.
    func with<Result>(_ body: (inout Content) -> sending Result) -> sending Result {
        content.withLock { body(&$0) }
    }

    func mark(_ cluster: DatabaseTarget, after last: LogMark?) async throws -> LogMark {
        try content.withLock { content in
            let next = content.marks.count > 1 ? content.marks.removeFirst() : content.marks.first
            guard let next else { throw Failure(.unreachable, "no mark") }
            let mark = try next.get()
            if let last, last.stream == mark.stream, let reason = mark.breakAfter(last) {
                throw Failure(.damagedState, reason)
            }
            return mark
        }
    }

    func renew(_ cluster: DatabaseTarget) async throws {
        content.withLock { content in
            content.renewals += 1
            // Nothing comes any more to what was begun.
            if let last = content.last { content.whole.append(last) }
            content.last = nil
        }
    }

    func received(of cluster: DatabaseTarget) async throws -> (whole: [LogSegment], last: LogSegment?) {
        content.withLock { ($0.whole, $0.last) }
    }

    func release(_ segments: [LogSegment], of cluster: DatabaseTarget) async throws {
        content.withLock { $0.whole.removeAll { segments.contains($0) } }
    }

    /// Both the archive's and the receiver's: which is asked first is seen in neither.
    func read(_ segment: LogSegment, of cluster: DatabaseTarget, into sink: DumpSink) async throws -> Bool {
        let isThere = content.withLock {
            $0.archived.contains(segment) || $0.whole.contains(segment) || $0.last == segment
        }
        if isThere { try await sink([1]) }
        return isThere
    }

    func dump(
        _ database: DatabaseTarget,
        asOf moment: Date,
        for id: BackupID,
        from base: BackupContent,
        _ feed: DumpFeed,
        _ log: @escaping LogReader,
        into sink: @escaping DumpSink,
    ) async throws -> DumpedDatabase {
        let wanted = content.withLock { content in
            content.recoveries.append((moment, base))
            return content.wanted
        }
        for name in wanted {
            let isThere = try await log(name) { _ in }
            content.withLock { $0.asked.append((name, isThere)) }
        }
        try await sink(Samples.bytes)
        return Samples.dumped
    }

    func segments(of cluster: DatabaseTarget) async throws -> [LogSegment] {
        content.withLock { $0.archived.sorted() }
    }

    func receive(
        _ segment: LogSegment,
        of cluster: DatabaseTarget,
        from body: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws {
        if let refusal = content.withLock({ $0.refusal }) { throw refusal }
        try await body { _ in }
        content.withLock { _ = $0.archived.insert(segment) }
    }

    func discard(_ segments: [LogSegment], of cluster: DatabaseTarget) async throws {
        content.withLock { $0.archived.subtract(segments) }
    }

    func record(of cluster: DatabaseTarget) async throws -> LogRecord? { content.withLock { $0.record } }

    func save(_ record: LogRecord, of cluster: DatabaseTarget) async throws {
        content.withLock { $0.record = record }
    }
}
