// SPDX-License-Identifier: Apache-2.0
import DataSafety

extension WriteCounters {
    /// What the server has counted of the session's database.
    static func read(_ session: PostgresSession) async throws -> WriteCounters {
        let identity = try await session.query(
            """
            SELECT d.oid || '/' || coalesce(s.stats_reset::text, 'never')
            FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid WHERE d.datname = current_database()
            """
        )
        let rows = try await session.query(
            """
            SELECT format('%I.%I', schemaname, relname), n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables
            """
        )
        return WriteCounters(
            identity: identity.first?[0] ?? "",
            tables: Dictionary(
                rows.map { row in
                    (
                        row[0],
                        Writes(
                            inserted: row.integer(1) ?? 0,
                            updated: row.integer(2) ?? 0,
                            deleted: row.integer(3) ?? 0,
                        ),
                    )
                },
                uniquingKeysWith: { first, _ in first },
            ),
        )
    }
}
