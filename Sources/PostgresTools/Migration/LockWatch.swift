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

        /// Takes what was seen, and says which processes have waited too long.
        mutating func note(
            _ rows: [PostgresRow],
            at now: ContinuousClock.Instant,
            limit: Duration,
        ) -> [Int32] {
            var (still, late): ([Wait: ContinuousClock.Instant], [Int32]) = ([:], [])
            for row in rows where row.isTrue(4) && own.contains(SessionName(row)) {
                let wait = Wait(session: SessionName(row), statement: row[3])
                still[wait] = waiting[wait] ?? now
                let found = row[5].split(separator: "\n").map(String.init)
                if !found.isEmpty { holders = found }
                if now - (still[wait] ?? now) >= limit { late.append(wait.session.process) }
            }
            waiting = still
            hasEnded = hasEnded || !late.isEmpty
            return late
        }
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

    /// The same failure, with who held what was waited for, where that is known.
    func explained(_ failure: Failure) -> Failure {
        let holders = state.withLock(\.holders)
        guard failure.isRetryable, !holders.isEmpty else { return failure }
        var failure = failure
        failure.evidence.insert(contentsOf: holders.map { "it waited for server process \($0)" }, at: 0)
        let calls = holders.map { "pg_terminate_backend(\($0.prefix { $0 != " " }))" }
        failure.hint =
            "let what held the lock end, or end it (SELECT \(calls.joined(separator: ", "))), then deploy again"
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
        do {
            try await PostgresSession.with(endpoint) { session in
                while true {
                    try await look(session)
                    try await ContinuousClock().sleep(for: interval)
                }
            }
        } catch {
            // Cancelled; or the server can't be asked, and then the migration hears it too.
        }
    }

    /// Often enough to see who is waited for before the server ends the waiting.
    private var interval: Duration { min(max(limit / 8, .milliseconds(25)), .milliseconds(250)) }

    private func look(_ session: PostgresSession) async throws {
        let rows = try await session.query(Self.sessions)
        classify(rows)
        let now = ContinuousClock.now
        for process in state.withLock({ $0.note(rows, at: now, limit: limit + Self.grace) }) {
            try await session.query("SELECT pg_cancel_backend($1::int)", ["\(process)"])
        }
    }

    /// The server itself comes first, where it was told.
    private static let grace: Duration = .milliseconds(500)

    /// Finds out whose sessions are that were not there before.
    private func classify(_ rows: [PostgresRow]) {
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
            let ports = LocalPorts.used(byProcessesGiven: Self.variable, mark)
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

    /// The sessions of this role in this database; of those that wait, since which statement and for whom.
    private static let sessions = """
        SELECT a.pid, a.client_port, a.backend_start::text, a.query_start::text,
            a.state = 'active' AND a.wait_event_type = 'Lock',
            CASE WHEN a.state = 'active' AND a.wait_event_type = 'Lock' THEN array_to_string(ARRAY(
                SELECT format('%s (%s%s)', b.pid,
                    coalesce(nullif(b.application_name, ''), b.usename, b.backend_type, 'another role'),
                    ', ' || b.state || to_char(b.state_change AT TIME ZONE 'UTC', '" since "YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                FROM pg_stat_activity b WHERE b.pid = ANY (pg_blocking_pids(a.pid)) ORDER BY b.pid), E'\\n') END
        FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.usename = session_user AND a.pid <> pg_backend_pid()
        """
}
