// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

extension TableStatistics {
    /// Every table and materialized view of a database, by `schema.table`.
    static func all(_ session: PostgresSession) async throws -> [String: TableStatistics] {
        let rows = try await session.query(tableQuery)
        return Dictionary(
            rows.map { row in
                let counted = row.integer(2) ?? -1
                return (
                    row[0],
                    TableStatistics(
                        size: ByteCount(row.integer(1) ?? 0),
                        rows: counted < 0 ? nil : counted,
                        hasRows: row.isTrue(3),
                        isPartitioned: row.isTrue(4),
                    ),
                )
            },
            uniquingKeysWith: { first, _ in first },
        )
    }

    private static let tableQuery = """
        SELECT n.nspname || '.' || c.relname,
            CASE WHEN c.relkind = 'p' THEN (SELECT COALESCE(sum(pg_total_relation_size(t.relid)), 0)
                FROM pg_partition_tree(c.oid) t WHERE t.isleaf) ELSE pg_total_relation_size(c.oid) END,
            c.reltuples::bigint,
            CASE WHEN c.relkind = 'p' THEN EXISTS (SELECT FROM pg_partition_tree(c.oid) t
                WHERE t.isleaf AND pg_relation_size(t.relid) > 0) ELSE pg_relation_size(c.oid) > 0 END,
            c.relkind = 'p'
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """
}
