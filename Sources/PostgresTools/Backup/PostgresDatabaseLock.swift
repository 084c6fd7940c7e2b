// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Keeps work on a database apart: in this process by a claim, and among processes by an advisory lock of
/// the database.
///
/// The advisory lock belongs to a session of its own that is in no transaction, so that `CREATE INDEX
/// CONCURRENTLY` does not wait for it, and it is asked for again and again, so that nobody queues behind
/// it. It ends with the session, also when this process is killed.
public struct PostgresDatabaseLock: DatabaseLock {
    /// The pair of numbers that means "OpsHub works on this database".
    static let key = "1330664264, 1"

    private let layout: HomeLayout
    private let claims = Claims<DatabaseTarget>()

    /// A lock for the databases of a home.
    ///
    /// Several of them keep apart too, by the advisory lock alone.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Holds a database; see ``DataSafety/DatabaseLock``.
    public func hold<Result: Sendable>(
        _ database: DatabaseTarget,
        for purpose: String,
        waiting: Duration,
        body: @Sendable () async throws -> Result,
    ) async throws -> Result {
        let end = ContinuousClock.now + waiting
        var holder: String?
        let isClaimed = try await Patience.wait(waiting) {
            holder = claims.take(database, for: purpose)
            return holder == nil
        }
        guard isClaimed else { throw Self.held(database, holder, waiting) }
        defer { claims.release(database) }
        let session = try await connect(database, purpose)
        do {
            try await lock(session, database, until: end, waiting)
            let result = try await body()
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    private func connect(_ database: DatabaseTarget, _ purpose: String) async throws -> PostgresSession {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        let endpoint = cluster.record.endpoint(database.name, as: purpose)
            .unswayed
        return try await telling("connecting to \(database)") { try await PostgresSession.connect(endpoint) }
    }

    private func lock(
        _ session: PostgresSession,
        _ database: DatabaseTarget,
        until end: ContinuousClock.Instant,
        _ waiting: Duration,
    ) async throws {
        try await telling("locking \(database)") {
            let isLocked = try await Patience.wait(max(end - .now, .zero)) {
                try await session.query("SELECT pg_try_advisory_lock(\(Self.key))").first?.isTrue(0) == true
            }
            guard !isLocked else { return }
            throw Self.held(database, try await session.query(Self.holderQuery).first?[0], waiting)
        }
    }

    private static let holderQuery = """
        SELECT format('%s (server process %s since %s)', a.application_name, a.pid,
            to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
        FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND (l.classid, l.objid) = (\(key))
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """

    private static func held(_ database: DatabaseTarget, _ holder: String?, _ waiting: Duration) -> Failure {
        Failure(
            .conflict,
            "\(database) is in use by \(holder ?? "somebody") and was not free within \(waiting.briefly)",
            hint: "wait for it to end, then try again",
            isRetryable: true,
        )
    }
}
