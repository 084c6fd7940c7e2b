// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

extension TableStatistics {
    /// Every table and materialized view of a database, by `schema.table`.
    ///
    /// - Parameters:
    ///   - session: A session with it, of the server's superuser.
    ///   - least: In seconds: what has come in less time says nothing of what comes.
    /// - Returns: What the server knows of each.
    /// - Throws: `PostgresError`.
    static func all(
        _ session: PostgresSession,
        countedFor least: Double = 60,
    ) async throws -> [String: TableStatistics] {
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
                        traffic: traffic(row, least),
                    ),
                )
            },
            uniquingKeysWith: { first, _ in first },
        )
    }

    /// Of a partitioned table, only its partitions' is counted.
    private static func traffic(_ row: PostgresRow, _ least: Double) -> TableTraffic? {
        guard !row.isTrue(4), let writes = Double(row[5]), let reads = Double(row[6]),
            let seconds = Double(row[7]), seconds >= least
        else { return nil }
        return TableTraffic(writes: writes / seconds, reads: reads / seconds)
    }

    // Where nobody has ever reset the statistics, they are as old as the database's own folder.
    private static let tableQuery = """
        SELECT n.nspname || '.' || c.relname,
            CASE WHEN c.relkind = 'p' THEN (SELECT COALESCE(sum(pg_total_relation_size(t.relid)), 0)
                FROM pg_partition_tree(c.oid) t WHERE t.isleaf) ELSE pg_total_relation_size(c.oid) END,
            c.reltuples::bigint,
            CASE WHEN c.relkind = 'p' THEN EXISTS (SELECT FROM pg_partition_tree(c.oid) t
                WHERE t.isleaf AND pg_relation_size(t.relid) > 0) ELSE pg_relation_size(c.oid) > 0 END,
            c.relkind = 'p', COALESCE(s.n_tup_ins + s.n_tup_upd + s.n_tup_del, 0), COALESCE(s.seq_scan, 0) + COALESCE(s.idx_scan, 0),
            COALESCE((SELECT extract(epoch FROM now() - COALESCE(d.stats_reset, f.modification)) FROM pg_stat_database d
                LEFT JOIN LATERAL pg_stat_file(format('base/%s/PG_VERSION', d.datid), true) f ON true
                WHERE d.datname = current_database()), 0)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
        WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """
}
