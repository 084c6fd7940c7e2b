// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
public import FoundationEssentials
import HostSystem

extension PostgresDatabaseServer: LogSource {
    /// Writes a mark; see ``DataSafety/LogSource``.
    public func mark(_ cluster: DatabaseTarget, after last: LogMark?) async throws -> LogMark {
        let access = try ClusterAccess(cluster.accessory, of: cluster.environment, in: layout)
        return try await telling("marking the log of \(cluster)") {
            try await PostgresSession.with(access.record.endpoint("postgres", as: "archive").unswayed) {
                session in
                guard let stream = try LogReceiver.stream(access.folder) else {
                    throw Failure(.damagedState, "nobody receives it")
                }
                try await requireSlot(session)
                let mark = try await mark(session, stream)
                if let last, last.stream == stream, let reason = mark.breakAfter(last) {
                    throw Failure(.damagedState, reason)
                }
                try await awaitReceiver(session, mark.position, cluster, access)
                return mark
            }
        }
    }

    private func mark(_ session: PostgresSession, _ stream: String) async throws -> LogMark {
        // Only what is on the disk is received; and the moment comes before the transaction, not after it.
        try await session.query("SET synchronous_commit = on")
        let moment = try await session.query("SELECT extract(epoch FROM clock_timestamp())")
        try await session.query("SELECT pg_logical_emit_message(true, 'opshub', '')")
        let row =
            try await session.query(
                """
                SELECT l, substr(pg_walfile_name(l), 1, 8), (SELECT system_identifier FROM pg_control_system())
                FROM pg_current_wal_flush_lsn() l
                """
            )
            .first
        guard let row, let position = LogPosition(row[0]), let timeline = UInt32(row[1], radix: 16),
            let seconds = moment.first.flatMap({ Double($0[0]) })
        else { throw PostgresError(message: "the server does not say where its log is") }
        return LogMark(
            at: Date(timeIntervalSince1970: seconds),
            position: position,
            system: row[2],
            timeline: timeline,
            stream: stream,
        )
    }

    /// Begins anew; see ``DataSafety/LogSource``.
    public func renew(_ cluster: DatabaseTarget) async throws {
        let access = try ClusterAccess(cluster.accessory, of: cluster.environment, in: layout)
        guard let owner = SystemUser.find(name: access.record.account) else {
            throw Failure(.damagedState, "the account \(access.record.account) is gone")
        }
        let server = ClusterServer(
            folder: access.folder,
            programs: try await PostgresPrograms.locate(access.record.major, below: packages),
            port: access.record.port,
            owner: owner,
            supervisor: supervisor,
        )
        try await LogReceiver(server: server).renew()
    }

    /// Lists what was received; see ``DataSafety/LogSource``.
    public func received(of cluster: DatabaseTarget) async throws -> (whole: [LogSegment], last: LogSegment?)
    {
        try segments(of: cluster).all()
    }

    /// Reads what was received; see ``DataSafety/LogSource``.
    public func read(
        _ segment: LogSegment,
        of cluster: DatabaseTarget,
        into sink: DumpSink,
    ) async throws -> Bool { try await segments(of: cluster).read(segment, into: sink) }

    /// Removes what was archived; see ``DataSafety/LogSource``.
    public func release(_ segments: [LogSegment], of cluster: DatabaseTarget) async throws {
        try self.segments(of: cluster).release(segments)
    }

    /// Goes back to a moment, and dumps; see ``DataSafety/LogSource``.
    public func dump(
        _ database: DatabaseTarget,
        asOf moment: Date,
        for id: BackupID,
        from base: BackupContent,
        _ feed: DumpFeed,
        _ log: @escaping LogReader,
        into sink: @escaping DumpSink,
    ) async throws -> DumpedDatabase {
        let recovery = ClusterRecovery(databases: self, target: database, content: base, log: log)
        return try await recovery.lend(id, to: moment, from: feed) { server, _ in
            let access = ClusterAccess(folder: server.folder, record: server.record(database: database.name))
            return try await telling("dumping \(database) as of \(RecoveryNeeds.text(of: moment))") {
                try await PostgresSession.with(
                    access.record.endpoint(database.name, as: "recovery").unswayed
                ) {
                    session in
                    guard try await session.query("SELECT pg_is_in_recovery()").first?.isTrue(0) == false
                    else {
                        throw Failure(.backupFailed, "the server has not left recovery")
                    }
                    try await forgetPrepared(session)
                    let dump = DatabaseDump(
                        cluster: access,
                        programs: server.programs,
                        database: database.name,
                        deadline: deadline,
                    )
                    // What its server has counted as written begins anew with a recovery, and says nothing.
                    return try await described(
                        try await dump.contents(into: sink),
                        session,
                        try await origin(of: access, server.programs),
                    )
                }
            }
        }
    }

    /// What was prepared by then and not committed is none of the moment, and would keep its locks.
    private func forgetPrepared(_ session: PostgresSession) async throws {
        let prepared = try await session.query(
            "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"
        )
        for row in prepared { try await session.query("ROLLBACK PREPARED \(SQLName.literal(row[0]))") }
    }

    // MARK: The receiver

    private func segments(of cluster: DatabaseTarget) throws(Failure) -> ReceivedSegments {
        try ReceivedSegments(ClusterFolder(cluster.accessory, of: cluster.environment, in: layout))
    }

    /// Throws `damaged-state` when the server does not keep any more what the receiver has not got.
    private func requireSlot(_ session: PostgresSession) async throws {
        let slots = try await session.query(
            "SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1",
            [LogReceiver.name],
        )
        guard slots.first.map({ $0[0] != "lost" }) != true else { return }
        throw Failure(
            .damagedState,
            slots.isEmpty
                ? "the server keeps it for nobody: the replication slot \(LogReceiver.name) is gone"
                : "the server has removed what was not archived yet: it would have filled its disk",
        )
    }

    /// Returns once the archive's receiver has the log up to a position.
    func awaitReceiver(
        _ session: PostgresSession,
        _ position: LogPosition,
        _ cluster: DatabaseTarget,
        _ access: ClusterAccess,
    ) async throws {
        let isThere = try await Patience.wait(.seconds(30)) {
            let found = try await session.query(
                "SELECT write_lsn FROM pg_stat_replication WHERE application_name = $1",
                [LogReceiver.name],
            )
            return found.contains { LogPosition($0[0]).map { $0 >= position } == true }
        }
        guard !isThere else { return }
        try await requireSlot(session)
        // Evidence for a failure that is told anyway.
        let log = "\(LogReceiver.log(access.folder))/current"
        let said = try? FileContent.text(of: log)
        throw Failure(
            .unreachable,
            "the log of \(cluster) is not received: its receiver does not run, or does not keep up",
            hint: "see what it says: \(log)",
            evidence: (said ?? nil)?.lastLines(5) ?? [],
            isRetryable: true,
        )
    }
}
