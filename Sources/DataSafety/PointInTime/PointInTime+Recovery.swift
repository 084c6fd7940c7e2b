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
            throw refusal(moment, of: database, windows)
        }
        if let made = try await existing(database, asOf: moment) { return made }
        let base = try await newestBase(before: moment, in: window)
        guard let content = base.content else {
            throw Failure(.unexpected, "backup \(base.id) has no content")
        }
        return try await backups.claiming(base.id, for: "a recovery") {
            defer { backups.board.end(base.id) }
            return try await backups.make(database, because: .moment(moment, by: person)) { started in
                try await backups.receive(started, at: .recovering, within: backups.limits.drill) { sink in
                    try await source.dump(
                        database,
                        asOf: moment,
                        for: started.id,
                        from: content,
                        { try await backups.hand(base, content, to: $0) },
                        { name, sink in
                            try await read(name, of: cluster, system: window.mark.system, into: sink)
                        },
                        into: sink,
                    )
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

    /// A proven one where there is one.
    private func newestBase(before moment: Date, in window: RecoveryWindow) async throws -> Backup {
        var found: [Backup] = []
        for id in window.bases { found.append(try await backups.backup(id)) }
        let before = found.filter { ($0.content?.writtenAt ?? .distantFuture) <= moment }
        guard let base = before.last(where: \.isVerified) ?? before.last else {
            throw Failure(.notFound, "the base backup of that moment is gone")
        }
        return base
    }

    /// What the archive has, and what has been received since.
    private func read(
        _ name: String,
        of cluster: DatabaseTarget,
        system: String,
        into sink: DumpSink,
    ) async throws -> Bool {
        // Histories of timelines, which a server asks for as well, are none of a server that was never promoted.
        guard let segment = LogSegment(system: system, name: name) else { return false }
        if try await vault.read(segment, of: cluster, into: sink) { return true }
        return try await source.read(segment, of: cluster, into: sink)
    }

    private func refusal(_ moment: Date, of database: DatabaseTarget, _ windows: [RecoveryWindow]) -> Failure
    {
        let time = moment.formatted(.iso8601)
        guard let newest = windows.last, let oldest = windows.first else {
            return Failure(
                .conflict,
                "\(database) can't go back to \(time): there is no archive of its server's log",
                hint: "say 'archive: wal' in opshub.yml, deploy, and wait for the first base backup",
                cause: problem(of: database)?.message,
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
            cause: problem(of: database)?.message,
        )
    }
}
