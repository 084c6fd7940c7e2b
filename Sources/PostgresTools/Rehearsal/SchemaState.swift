// SPDX-License-Identifier: Apache-2.0
import DataSafety

/// What a session sees of a schema at one moment, and what its transaction holds and has read.
struct SchemaState {
    /// A table, view or index.
    struct Relation: Hashable {
        /// `schema.name`.
        var name: String
        /// `pg_class.relkind`.
        var kind: String
        /// Its file; 0 for what has none.
        var file: String
        /// The table of an index.
        var table: Int64?
    }

    /// A column.
    struct Column: Hashable {
        /// Its name.
        var name: String
        /// Whether it must have a value and gets none by itself.
        var isRequired: Bool
    }

    /// A column's place: its relation and its number, which never changes.
    struct Place: Hashable {
        /// The relation.
        var relation: Int64
        /// The column's number.
        var number: Int64
    }

    private(set) var relations: [Int64: Relation] = [:]
    private(set) var columns: [Place: Column] = [:]
    /// Locks that the transaction holds, the strongest of each relation.
    private(set) var locks: [Int64: LockMode] = [:]
    /// How often each table was read as a whole, counted by the session and now and then from 0 again.
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
        for row in try await session.query(Self.relationQuery) {
            guard let relation = row.integer(0) else { continue }
            relations[relation] = Relation(name: row[1], kind: row[2], file: row[3], table: row.integer(4))
        }
        for row in try await session.query(Self.columnQuery) {
            guard let relation = row.integer(0), let number = row.integer(1) else { continue }
            columns[Place(relation: relation, number: number)] = Column(
                name: row[2],
                isRequired: row.isTrue(3),
            )
        }
    }

    /// A relation by itself, or the table of an index.
    func table(_ relation: Int64) -> Int64 { relations[relation]?.table ?? relation }

    private static let lockQuery = """
        SELECT relation::bigint, mode FROM pg_locks
        WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
    private static let scanQuery = "SELECT relid::bigint, seq_scan FROM pg_stat_xact_user_tables"
    private static let relationQuery = """
        SELECT c.oid::bigint, n.nspname || '.' || c.relname, c.relkind, COALESCE(pg_relation_filenode(c.oid), 0),
            i.indrelid::bigint
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'i', 'I') AND n.nspname !~ '^pg_'
            AND n.nspname <> 'information_schema'
        """
    private static let columnQuery = """
        SELECT a.attrelid::bigint, a.attnum, a.attname,
            a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND c.relkind IN ('r', 'p')
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')
            AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """
}
