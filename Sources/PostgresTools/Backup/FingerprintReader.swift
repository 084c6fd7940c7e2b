// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Reads what a database holds, in whatever snapshot its session has.
struct FingerprintReader {
    /// Settings that make the same rows the same text, whoever asks.
    static let settings = [
        "DateStyle": "ISO,YMD", "IntervalStyle": "iso_8601", "TimeZone": "UTC", "bytea_output": "hex",
        "extra_float_digits": "1", "lc_monetary": "C", "search_path": "pg_catalog", "row_security": "off",
        "jit": "off", "statement_timeout": "0", "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "0",
        "idle_session_timeout": "0",
    ]

    /// The session.
    let session: PostgresSession
    /// A table that is larger is only counted.
    let contentLimit: ByteCount
    /// How long reading one table may take.
    let deadline: Duration

    /// What every table holds, without those of extensions, which a dump leaves out too.
    func tables() async throws -> [String: TableFingerprint] {
        var tables: [String: TableFingerprint] = [:]
        for row in try await session.query(Self.tableQuery) {
            let isSmall = (row.integer(1) ?? 0) <= contentLimit.bytes
            // Not `t::text`: a table may have a column called t, and its owner may have made a cast of its type to text,
            // whose function would run as the superuser that reads here. A row without a type has no casts.
            let digest = isSmall ? "coalesce(sum(hashtextextended(ROW(t.*)::text, 0)::numeric), 0)" : "NULL"
            let found = try await session.query(
                "SELECT count(*), \(digest) FROM ONLY \(row[0]) AS t",
                deadline: deadline,
            )
            tables[row[0]] = TableFingerprint(
                rows: found.first?.integer(0) ?? 0,
                digest: found.first?.values[1],
            )
        }
        tables["large objects"] = try await largeObjects()
        return tables
    }

    /// Where every sequence stands: its last value, or one step before its first when it was never used.
    func sequences() async throws -> [String: Int64] {
        let names = try await session.query(Self.sequenceQuery)
        guard !names.isEmpty else { return [:] }
        let readings = names.map { row in
            "SELECT \(SQLName.literal(row[0])), "
                + "CASE WHEN is_called THEN last_value ELSE last_value::numeric - \(row[1]) END FROM \(row[0])"
        }
        let rows = try await session.query(readings.joined(separator: " UNION ALL "))
        return Dictionary(
            rows.map { ($0[0], $0.integer(1) ?? .min) },
            uniquingKeysWith: { first, _ in first },
        )
    }

    /// The version of every extension.
    func extensions() async throws -> [String: String] {
        let rows = try await session.query("SELECT extname, extversion FROM pg_extension")
        return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    }

    /// Nil when there are none.
    private func largeObjects() async throws -> TableFingerprint? {
        let count =
            try await session.query("SELECT count(*) FROM pg_largeobject_metadata").first?.integer(0) ?? 0
        guard count > 0 else { return nil }
        let size = try await session.query("SELECT pg_table_size('pg_largeobject')").first?.integer(0) ?? 0
        guard size <= contentLimit.bytes else { return TableFingerprint(rows: count, digest: nil) }
        let digest = try await session.query(
            "SELECT sum(hashtextextended(oid || md5(lo_get(oid)), 0)::numeric) FROM pg_largeobject_metadata",
            deadline: deadline,
        )
        return TableFingerprint(rows: count, digest: digest.first?.values[0])
    }

    private static let ours = """
        n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
        """

    private static let tableQuery = """
        SELECT format('%I.%I', n.nspname, c.relname), pg_table_size(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND \(ours)
        ORDER BY 1
        """

    private static let sequenceQuery = """
        SELECT format('%I.%I', n.nspname, c.relname), s.seqincrement
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
        WHERE c.relpersistence <> 't' AND \(ours)
        ORDER BY 1
        """
}
