// SPDX-License-Identifier: Apache-2.0
import DataSafety

/// What a session's transaction holds and has read until now.
struct SessionActivity {
    /// Locks, the strongest of each relation.
    private(set) var locks: [Int64: LockMode] = [:]
    /// How often each table was read as a whole; counted by the session, and now and then from 0 again.
    private(set) var scans: [Int64: Int64] = [:]

    /// Looks; locks first, since looking takes some itself.
    init(_ session: PostgresSession) async throws {
        for row in try await session.query(Self.lockQuery) {
            guard let relation = row.integer(0), let mode = LockMode(rawValue: row[1]) else { continue }
            locks[relation] = max(locks[relation] ?? mode, mode)
        }
        for row in try await session.query(Self.scanQuery) {
            if let relation = row.integer(0) { scans[relation] = row.integer(1) ?? 0 }
        }
    }

    /// Tables that were read since `earlier`.
    func scanned(since earlier: SessionActivity) -> [Int64] {
        scans.filter { entry in
            let old = earlier.scans[entry.key] ?? 0
            return entry.value > (entry.value < old ? 0 : old)
        }
        .map(\.key)
    }

    /// Locks that `earlier` did not have, or not so strong.
    func locks(since earlier: SessionActivity) -> [Int64: LockMode] {
        locks.filter { entry in earlier.locks[entry.key].map { $0 < entry.value } ?? true }
    }

    private static let lockQuery = """
        SELECT relation::bigint, mode FROM pg_locks
        WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
    private static let scanQuery =
        "SELECT relid::bigint, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0"
}
