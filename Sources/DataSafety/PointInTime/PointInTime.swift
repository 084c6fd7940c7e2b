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
    private let problems = ArchiveProblems()

    /// Puts the parts together.
    public init(backups: Backups, source: any LogSource, vault: any LogVault) {
        (self.backups, self.source, self.vault) = (backups, source, vault)
    }

    /// Moves what was received of a server's log into the archive, marks where it ends now, and removes what leads nowhere.
    ///
    /// Idempotent; to be called again and again, and never twice at once for one server.
    ///
    /// - Parameter database: A database of that server.
    /// - Returns: What was done.
    /// - Throws: What keeps the archive from going on; see ``problem(of:)``.
    public func tend(_ database: DatabaseTarget) async throws -> LogRound {
        let cluster = DatabaseTarget.cluster(of: database)
        do {
            var round = LogRound()
            round.archived = try await collect(cluster)
            round.torn = try await mark(cluster)
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

    /// Takes over what was received of a server whose log is kept no more, and removes its archive once nobody wants to go back to its last moment.
    ///
    /// Idempotent.
    ///
    /// - Parameters:
    ///   - database: A database of that server.
    ///   - window: How far back any moment shall be possible.
    /// - Returns: What was done.
    /// - Throws: When something can't be moved or removed.
    public func retire(_ database: DatabaseTarget, keeping window: Duration) async throws -> LogRound {
        let cluster = DatabaseTarget.cluster(of: database)
        problems.end(cluster)
        var round = LogRound()
        guard let last = try await vault.record(of: cluster)?.present else { return round }
        round.archived = try await collect(cluster)
        let end = last.at.addingTimeInterval(window.inSeconds)
        guard end < backups.time.now, try await end < backups.confirmedTime(in: cluster.environment) else {
            return round
        }
        let segments = try await vault.segments(of: cluster)
        if !segments.isEmpty { try await vault.discard(segments, of: cluster) }
        round.removed = segments.count
        return round
    }

    /// What is wrong with the archive of a database's server; nil when it reaches to the present, as far as anybody knows.
    public func problem(of database: DatabaseTarget) async throws -> Failure? {
        let cluster = DatabaseTarget.cluster(of: database)
        if let known = problems.entry(cluster) { return known }
        guard let mark = try await vault.record(of: cluster)?.present else { return nil }
        let age = backups.time.now.timeIntervalSince(mark.at)
        guard age > Self.longestPause else { return nil }
        return Failure(
            .unreachable,
            "nothing was heard of it for \(Duration.seconds(age).briefly)",
            isRetryable: true,
        )
    }

    /// What was lost of a server's log in the last day; nil for nothing.
    public func tear(of database: DatabaseTarget) async throws -> LogRecord.Tear? {
        guard let tear = try await vault.record(of: .cluster(of: database))?.tear,
            backups.time.now.timeIntervalSince(tear.last) < 86_400
        else { return nil }
        return tear
    }

    /// What can be gone back to, oldest first.
    public func windows(of database: DatabaseTarget) async throws -> [RecoveryWindow] {
        let cluster = DatabaseTarget.cluster(of: database)
        guard let record = try await vault.record(of: cluster) else { return [] }
        return try await windows(cluster, record)
    }

    private func windows(_ cluster: DatabaseTarget, _ record: LogRecord) async throws -> [RecoveryWindow] {
        // In this order: what is moved into the vault meanwhile is seen there.
        let (whole, last) = try await source.received(of: cluster)
        let segments = Set(try await vault.segments(of: cluster) + whole + (last.map { [$0] } ?? []))
        let known = try await backups.list(cluster.environment).filter { $0.database == cluster }
        return RecoveryWindow.all(record, known, segments)
    }

    /// Whether nothing leads to the present: there is no base backup yet, or the log was torn since.
    public func needsBase(_ database: DatabaseTarget) async throws -> Bool {
        let cluster = DatabaseTarget.cluster(of: database)
        guard let record = try await vault.record(of: cluster), let present = record.present,
            try await problem(of: database) == nil
        else { return false }
        return try await !windows(cluster, record).contains { $0.mark == present }
    }

    /// Rounds are ten seconds apart.
    private static let longestPause: TimeInterval = 90

    // MARK: The log

    private func collect(_ cluster: DatabaseTarget) async throws -> Int {
        let there = Set(try await vault.segments(of: cluster))
        let whole = try await source.received(of: cluster).whole
        let new = whole.filter { !there.contains($0) }
        for (index, segment) in new.enumerated() {
            try await vault.receive(segment, of: cluster) { sink in
                guard try await source.read(segment, of: cluster, into: sink) else {
                    throw Failure(
                        .notFound,
                        "segment \(segment.name) of \(cluster) went away",
                        isRetryable: true,
                    )
                }
            }
            // In parts, since both take room.
            guard (index + 1).isMultiple(of: Self.part) else { continue }
            try await source.release(Array(new[...index]), of: cluster)
        }
        if !whole.isEmpty { try await source.release(whole, of: cluster) }
        return new.count
    }

    private static let part = 16

    /// Marks where the log ends; says what was lost of it.
    private func mark(_ cluster: DatabaseTarget) async throws -> String? {
        var record = try await vault.record(of: cluster) ?? LogRecord(marks: [])
        let before = record.present
        var reason: String?
        let mark: LogMark
        do {
            mark = try await source.mark(cluster, after: before)
        } catch let failure as Failure where failure.code == .damagedState {
            reason = failure.message
            try await source.renew(cluster)
            mark = try await source.mark(cluster, after: nil)
        }
        record.reach(mark, because: reason)
        record.forget(but: Set(try await bases(of: cluster).map(\.stream)))
        try await vault.save(record, of: cluster)
        guard let before, before.stream != mark.stream else { return nil }
        return record.tear?.reason
    }

    /// What was written before every base backup of its stream leads nowhere, and so does a stream without any.
    private func prune(_ cluster: DatabaseTarget) async throws -> Int {
        guard let present = try await vault.record(of: cluster)?.present else { return 0 }
        let firsts = Dictionary(grouping: try await bases(of: cluster).map(\.first), by: \.stream)
            .compactMapValues { $0.min() }
        let gone = try await vault.segments(of: cluster)
            .filter { segment in
                // Until the present one has a base backup, one may be under way, and everything may be needed.
                guard let first = firsts[segment.stream] else { return segment.stream != present.stream }
                return segment < first
            }
        if !gone.isEmpty { try await vault.discard(gone, of: cluster) }
        return gone.count
    }

    private func bases(of cluster: DatabaseTarget) async throws -> [BaseBackup] {
        try await backups.list(cluster.environment).filter { $0.database == cluster }
            .compactMap(\.content?.base)
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
