// SPDX-License-Identifier: Apache-2.0
import Core
public import FoundationEssentials

extension PointInTime {
    /// Makes a backup of a database as it was at a moment, written and not proven yet.
    ///
    /// Touches neither the database nor its server: another one is made of the newest base backup before that moment, replays the log until then, and
    /// is dumped. What comes of it is a backup like any other.
    ///
    /// - Parameters:
    ///   - database: Which.
    ///   - moment: The last of which transactions are in it.
    ///   - person: Who asks for it.
    /// - Returns: The backup.
    /// - Throws: `conflict` when the moment can't be gone back to; then says which can.
    public func backup(
        _ database: DatabaseTarget,
        asOf moment: Date,
        by person: String,
    ) async throws -> Backup {
        let cluster = DatabaseTarget.cluster(of: database)
        let windows = try await windows(of: database)
        guard let window = windows.last(where: { $0.contains(moment) }) else {
            throw try await refusal(moment, of: database, windows)
        }
        if let made = try await existing(database, asOf: moment) { return made }
        return try await claimingBase(before: moment, in: window) { base, content in
            try await backups.make(database, because: .moment(moment, by: person)) { started in
                try await backups.receive(started, at: .recovering, within: backups.limits.drill) { sink in
                    var dumped = try await source.dump(
                        database,
                        asOf: moment,
                        for: started.id,
                        from: content,
                        backups.feed(of: base, content),
                        { name, sink in try await read(name, of: cluster, until: window.mark, into: sink) },
                        into: sink,
                    )
                    if !base.isVerified {
                        dumped.remarks.append("it was made of base backup \(base.id), which is not proven")
                    }
                    return dumped
                }
            }
        }
    }

    /// What somebody has made of that moment already.
    private func existing(_ database: DatabaseTarget, asOf moment: Date) async throws -> Backup? {
        try await backups.list(database.environment)
            .first { backup in
                backup.database == database && backup.isDerived && backup.asOf == moment
                    && backup.failure == nil
                    && backup.content != nil
            }
    }

    /// Uses the newest base backup before a moment that nothing else is done with, a proven one where there is one.
    private func claimingBase<Result: Sendable>(
        before moment: Date,
        in window: RecoveryWindow,
        body: (Backup, BackupContent) async throws -> Result,
    ) async throws -> Result {
        var found: [Backup] = []
        for id in window.bases { found.append(try await backups.backup(id)) }
        let before = Array(
            found.filter { ($0.content?.writtenAt ?? .distantFuture) <= moment }.reversed()
        )
        for base in before.filter(\.isVerified) + before.filter({ !$0.isVerified }) {
            guard let content = base.content, backups.busy.take(base.id, for: "a recovery") == nil else {
                continue
            }
            defer {
                backups.busy.release(base.id)
                backups.board.end(base.id)
            }
            return try await body(base, content)
        }
        throw Failure(
            .conflict,
            "every base backup before that moment is in use: \(before.map(\.id.rawValue).joined(separator: ", "))",
            hint: "wait until what is done with it has ended, and try again",
            isRetryable: true,
        )
    }

    /// What the archive has, and what has been received since.
    ///
    /// Throws `backup-failed` for a segment before the mark that is not there: the server would take that for the end of the log.
    private func read(
        _ name: String,
        of cluster: DatabaseTarget,
        until mark: LogMark,
        into sink: DumpSink,
    ) async throws -> Bool {
        let shelf = LogShelf(source: source, vault: vault, cluster: cluster, stream: mark.stream)
        if try await shelf.read(name, into: sink) { return true }
        guard let segment = LogSegment(stream: mark.stream, name: name), segment.timeline == mark.timeline,
            segment <= mark.segment
        else { return false }
        throw Failure(.backupFailed, "segment \(name) of the log of \(cluster) is gone")
    }

    private func refusal(
        _ moment: Date,
        of database: DatabaseTarget,
        _ windows: [RecoveryWindow],
    ) async throws -> Failure {
        let problem = try await problem(of: database)?.message
        let time = moment.formatted(.iso8601)
        guard let newest = windows.last, let oldest = windows.first else {
            return Failure(
                .conflict,
                "\(database) can't go back to \(time): there is no archive of its server's log",
                hint: "say 'archive: wal' in opshub.yml, deploy, and wait for the first base backup",
                cause: problem,
            )
        }
        let reason =
            moment > newest.to
            ? "the archive reaches to \(newest.to.formatted(.iso8601))"
            : moment < oldest.from
                ? "the archive begins at \(oldest.from.formatted(.iso8601))"
                : "a part of the log of that time is missing"
        return Failure(
            .conflict,
            "\(database) can't go back to \(time): \(reason)",
            hint: "any moment of these can be gone back to: "
                + windows.map { "\($0.from.formatted(.iso8601)) to \($0.to.formatted(.iso8601))" }
                .joined(separator: ", "),
            cause: problem,
        )
    }
}
