// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Synchronization

/// Watches a migration wait for locks: knows who keeps it waiting, and ends what waits longer than it may.
///
/// The server ends it by itself (`lock_timeout`) where the driver reads `PGOPTIONS`; asyncpg does not, and everybody who
/// wants the same table would wait behind such a statement.
final class LockWatch: Sendable {
    /// Whose sessions are watched.
    enum Subject: Sendable {
        /// One session, by the server's process.
        case session(Int32)
        /// Those of programs that were given ``LockWatch/variable`` with this value.
        case programs(mark: String)
    }

    /// What marks programs whose sessions are watched.
    static let variable = "OPSHUB_MIGRATION"

    private struct State {
        /// Who was waited for last: `4711 (psql, idle in transaction since 2026-01-31T12:00:00Z)`.
        var holders: [String] = []
        var hasEnded = false
        /// The sessions that are watched, and those that are not.
        var (own, others): (Set<SessionName>, Set<SessionName>) = ([], [])
        var waiting: [Wait: ContinuousClock.Instant] = [:]
    }

    /// A session, which no other has been or will be.
    private struct SessionName: Hashable {
        let process: Int32
        let since: String

        init(_ row: PostgresRow) { (process, since) = (Int32(row.integer(0) ?? 0), row[2]) }
    }

    private struct Wait: Hashable {
        let session: SessionName
        let statement: String
        let lock: String
    }

    private let endpoint: PostgresEndpoint
    private let limit: Duration
    private let subject: Subject
    private let state = Mutex(State())

    /// A watch over sessions of a migration; nil where nobody could be in its way, and where it has no database.
    ///
    /// - Parameters:
    ///   - job: The migration.
    ///   - limit: How long a statement may wait.
    ///   - subject: Which sessions of its role in its database.
    init?(_ job: MigrationJob, limit: Duration, over subject: Subject) {
        guard !job.isRehearsal, let url = job.variables["DATABASE_URL"] else { return nil }
        endpoint = PostgresEndpoint(url: url).unswayed.named("opshub lock watch")
        self.limit = limit
        self.subject = subject
    }

    /// Whether a statement was ended because it waited too long.
    var hasEnded: Bool { state.withLock(\.hasEnded) }

    /// The failure of a statement that waited too long, with who held what it waited for, where that is known.
    func explained(_ failure: Failure) -> Failure {
        let holders = state.withLock(\.holders)
        guard !holders.isEmpty else { return failure }
        var failure = failure
        failure.evidence.insert(contentsOf: holders.map { "it waited for server process \($0)" }, at: 0)
        let calls = holders.map { "pg_terminate_backend(\($0.prefix { $0 != " " }))" }
        failure.hint =
            "let what held the lock end, or end it (SELECT \(calls.joined(separator: ", "))), then try again"
        return failure
    }

    /// Watches as long as `body` lasts; when it fails, none of the programs' sessions is left.
    func during<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let watching = Task(name: "watch over a migration's locks") { await watch() }
        do {
            let result = try await body()
            watching.cancel()
            await watching.value
            return result
        } catch {
            watching.cancel()
            await watching.value
            await Task(name: "end of a migration's sessions") { await endSessions() }.value
            throw error
        }
    }

    private func watch() async {
        while !Task.isCancelled {
            do {
                try await PostgresSession.with(endpoint) { session in
                    while true {
                        try await look(session)
                        try await ContinuousClock().sleep(for: interval)
                    }
                }
            } catch {
                // Cancelled, which ends this too; or the server could not be asked just now.
                try? await ContinuousClock().sleep(for: .seconds(1))
            }
        }
    }

    /// Often enough to see who is waited for before the server ends the waiting.
    private var interval: Duration { min(max(limit / 8, .milliseconds(25)), .milliseconds(250)) }

    private func look(_ session: PostgresSession) async throws {
        let rows = try await session.query(Self.sessions)
        try await classify(rows, session)
        let known = state.withLock { $0 }
        var still: [Wait: ContinuousClock.Instant] = [:]
        for row in rows where row.isTrue(4) && known.own.contains(SessionName(row)) {
            guard let now = try await session.query(Self.wait, [row[0]]).first else { continue }
            let wait = Wait(session: SessionName(row), statement: row[3], lock: now[0])
            let since = known.waiting[wait] ?? .now
            still[wait] = since
            let holders = now[1].split(separator: "\n").map(String.init)
            if !holders.isEmpty { state.withLock { $0.holders = holders } }
            // A driver that has read how it is to be called has read the limit too, and the migration may have set another one.
            let mayWait = row.isTrue(5) || .now - since < limit + Self.grace
            if case .programs = subject, !mayWait { try await end(row, session) }
        }
        state.withLock { $0.waiting = still }
    }

    /// The server itself comes first, where it was told.
    private static let grace: Duration = .milliseconds(500)

    /// Ends a statement, if it still waits.
    private func end(_ row: PostgresRow, _ session: PostgresSession) async throws {
        let ended = try await session.query(
            """
            SELECT pg_cancel_backend(pid) FROM pg_stat_activity
            WHERE pid = $1::int AND backend_start::text = $2 AND query_start::text = $3 AND wait_event_type = 'Lock'
            """,
            [row[0], row[2], row[3]],
        )
        if ended.first?.isTrue(0) == true { state.withLock { $0.hasEnded = true } }
    }

    /// Finds out whose sessions are that were not there before.
    private func classify(_ rows: [PostgresRow], _ session: PostgresSession) async throws {
        let unknown = state.withLock { state in
            rows.filter { row in
                let name = SessionName(row)
                return !state.own.contains(name) && !state.others.contains(name)
            }
        }
        guard !unknown.isEmpty else { return }
        let isOwn: (PostgresRow) -> Bool
        switch subject {
        case .session(let process): isOwn = { $0.integer(0) == Int64(process) }
        case .programs(let mark):
            let server = try await session.query("SELECT inet_server_port()").first?.integer(0)
            let ports = LocalPorts.used(
                byProcessesGiven: Self.variable,
                mark,
                toReach: Int(server ?? 0),
            )
            isOwn = { $0.integer(1).map { ports.contains(Int($0)) } == true }
        }
        state.withLock { state in
            for row in unknown {
                if isOwn(row) {
                    state.own.insert(SessionName(row))
                } else {
                    state.others.insert(SessionName(row))
                }
            }
        }
    }

    /// A server goes on with a statement whose client has ended, until it has something to say.
    private func endSessions() async {
        let left = state.withLock(\.own)
        guard case .programs = subject, !left.isEmpty else { return }
        do {
            try await PostgresSession.with(endpoint) { session in
                for one in left {
                    try await session.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1::int AND backend_start::text = $2",
                        ["\(one.process)", one.since],
                    )
                }
            }
        } catch {
            // A server that can't be asked has ended them, or will say so to whoever asks next.
        }
    }

    /// The sessions of this role in this database: whether each waits for a lock, and whether it is called as libpq was told.
    private static let sessions = """
        SELECT pid, client_port, backend_start::text, query_start::text,
            state = 'active' AND wait_event_type = 'Lock', application_name = '\(SQLMigrations.sessionName)'
        FROM pg_stat_activity
        WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()
        """

    /// What a session waits for, and for whom.
    ///
    /// Asked of few, since the server's locks stand still meanwhile.
    private static let wait = """
        SELECT (SELECT string_agg(concat_ws(' ', locktype, relation, page, tuple, virtualxid, transactionid, objid, mode), ', ')
                FROM pg_locks WHERE pid = $1::int AND NOT granted),
            array_to_string(ARRAY(
                SELECT format('%s (%s%s)', p, coalesce(nullif(application_name, ''), usename, 'another role'),
                    ', ' || state || to_char(state_change AT TIME ZONE 'UTC', '" since "YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                FROM (SELECT DISTINCT unnest(pg_blocking_pids($1::int)) AS p) AS holders
                    LEFT JOIN pg_stat_activity ON pid = p
                ORDER BY p), E'\\n')
        """
}

extension LockWatch? {
    /// Does something while it is watched, where there is a watch.
    func during<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        guard let self else { return try await body() }
        return try await self.during(body)
    }
}
