// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials

/// Keeps servers' write-ahead logs, and goes back to any moment with them and base backups.
///
/// What can be gone back to is known, not hoped: every part of the log is where it was written down, in a row, and a mark of OpsHub's
/// own is behind the last moment.
public struct PointInTime: Sendable {
    let backups: Backups
    let source: any LogSource
    let vault: any LogVault
    /// What is wrong with an archive at this moment, in words.
    private let problems = Problems()

    /// Puts the parts together.
    public init(backups: Backups, source: any LogSource, vault: any LogVault) {
        (self.backups, self.source, self.vault) = (backups, source, vault)
    }

    /// Moves what was received of a server's log into the archive, marks where it ends now, and removes what no moment of the window needs.
    ///
    /// Idempotent; to be called again and again.
    ///
    /// - Parameter database: A database of that server.
    /// - Returns: What was done.
    /// - Throws: What keeps the archive from going on; see ``problem(of:)``.
    public func tend(_ database: DatabaseTarget) async throws -> LogRound {
        let cluster = DatabaseTarget.cluster(of: database)
        do {
            var round = LogRound()
            round.archived = try await collect(cluster)
            try await mark(cluster, &round)
            round.removed = try await prune(cluster)
            problems.end(cluster)
            return round
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let failure = Failure.wrapping(error, doing: "archiving the log of \(cluster)")
            problems.note(failure, of: cluster)
            throw failure
        }
    }

    /// Removes the archive of a server whose log is kept no more, once nobody wants to go back to its last moment.
    ///
    /// Idempotent.
    ///
    /// - Parameters:
    ///   - database: A database of that server.
    ///   - window: How far back any moment shall be possible.
    /// - Returns: What was done.
    /// - Throws: When something can't be removed.
    public func retire(_ database: DatabaseTarget, keeping window: Duration) async throws -> LogRound {
        let cluster = DatabaseTarget.cluster(of: database)
        problems.end(cluster)
        var round = LogRound()
        guard let record = try await vault.record(of: cluster),
            record.mark.at.addingTimeInterval(window.inSeconds) < backups.time.now
        else { return round }
        for segment in try await vault.segments(of: cluster) {
            try await vault.discard(segment, of: cluster)
            round.removed += 1
        }
        return round
    }

    /// What is wrong with the archive of a database's server; nil when it reaches to the present, as far as anybody knows.
    public func problem(of database: DatabaseTarget) -> Failure? {
        problems.entry(DatabaseTarget.cluster(of: database))
    }

    /// What can be gone back to, oldest first.
    public func windows(of database: DatabaseTarget) async throws -> [RecoveryWindow] {
        let cluster = DatabaseTarget.cluster(of: database)
        guard let record = try await vault.record(of: cluster) else { return [] }
        // In this order: what is moved into the vault meanwhile is seen there.
        let (whole, last) = try await source.received(of: cluster)
        let segments = Set(try await vault.segments(of: cluster) + whole + (last.map { [$0] } ?? []))
        let known = try await backups.list(database.environment).filter { $0.database == cluster }
        return RecoveryWindow.all(record, known, segments)
    }

    /// Whether nothing leads to the present: there is no base backup yet, or the log was torn since.
    public func needsBase(_ database: DatabaseTarget) async throws -> Bool {
        let cluster = DatabaseTarget.cluster(of: database)
        guard problem(of: database) == nil, let record = try await vault.record(of: cluster) else {
            return false
        }
        return try await !windows(of: database).contains { $0.mark == record.mark }
    }

    // MARK: The log

    private func collect(_ cluster: DatabaseTarget) async throws -> Int {
        let there = Set(try await vault.segments(of: cluster))
        var count = 0
        for segment in try await source.received(of: cluster).whole.sorted() {
            if !there.contains(segment) {
                try await vault.receive(segment, of: cluster) { sink in
                    guard try await source.read(segment, of: cluster, into: sink) else {
                        throw Failure(
                            .notFound,
                            "segment \(segment.name) of \(cluster) went away",
                            isRetryable: true,
                        )
                    }
                }
                count += 1
            }
            try await source.release(segment, of: cluster)
        }
        return count
    }

    private func mark(_ cluster: DatabaseTarget, _ round: inout LogRound) async throws {
        let mark: LogMark
        do {
            mark = try await source.mark(cluster)
        } catch let failure as Failure where failure.code == .damagedState {
            round.torn = failure.message
            try await keepUnfinished(cluster)
            try await source.renew(cluster)
            mark = try await source.mark(cluster)
        }
        guard var record = try await vault.record(of: cluster) else {
            return try await vault.save(LogRecord(mark: mark), of: cluster)
        }
        if round.torn == nil, !mark.continues(record.mark) {
            round.torn =
                "another history begins: the one before ends at \(record.mark.at.formatted(.iso8601))"
        }
        record.reach(mark, afterTear: round.torn != nil)
        record.forget(but: try await backups.list(cluster.environment).filter { $0.database == cluster })
        try await vault.save(record, of: cluster)
    }

    /// The last that was received before a tear: up to the last mark it can be gone back to.
    private func keepUnfinished(_ cluster: DatabaseTarget) async throws {
        guard let last = try await source.received(of: cluster).last,
            try await !vault.segments(of: cluster).contains(last)
        else { return }
        try await vault.receive(last, of: cluster) { sink in
            _ = try await source.read(last, of: cluster, into: sink)
        }
    }

    /// What was written before every base backup that there is leads nowhere.
    private func prune(_ cluster: DatabaseTarget) async throws -> Int {
        guard let record = try await vault.record(of: cluster) else { return 0 }
        let firsts = try await backups.list(cluster.environment).filter { $0.database == cluster }
            .compactMap { backup -> LogSegment? in
                guard let content = backup.content, let base = content.base else { return nil }
                return LogSegment(
                    system: content.server.systemIdentifier,
                    timeline: base.timeline,
                    holding: base.start,
                )
            }
        var count = 0
        for segment in try await vault.segments(of: cluster) {
            let own = firsts.filter { $0.system == segment.system && $0.timeline == segment.timeline }
            let isOfPresent = segment.system == record.mark.system && segment.timeline == record.mark.timeline
            // Until there is a base backup, one may be under way, and everything may be needed.
            guard own.allSatisfy({ segment < $0 }), !own.isEmpty || !isOfPresent else { continue }
            try await vault.discard(segment, of: cluster)
            count += 1
        }
        return count
    }
}

/// What one look at an archive has done.
public struct LogRound: Hashable, Sendable {
    /// How many segments are in the archive that were not.
    public var archived = 0
    /// How many were removed that lead nowhere.
    public var removed = 0
    /// What was lost of the log, in words; nil for nothing.
    public var torn: String?
}
