// SPDX-License-Identifier: Apache-2.0

/// What a session sees of a schema at one moment.
struct SchemaState {
    /// A table, view or index.
    struct Relation: Hashable {
        /// `schema.name`.
        var name: String
        /// `pg_class.relkind`.
        var kind: String
        /// The table of an index.
        var table: Int64?
        /// The partitioned table that its rows belong to.
        var parent: Int64?

        /// Whether it is a table with rows of its own, or of its partitions.
        var isTable: Bool { kind == "r" || kind == "p" }
        /// Whether it is an index.
        var isIndex: Bool { kind == "i" || kind == "I" }
    }

    /// A column.
    struct Column: Hashable {
        /// Its name.
        var name: String
        /// Its type as it is written.
        var type: String
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
    /// Functions, types, values of enumerations and sequences, in words.
    private(set) var objects: Set<String> = []

    /// Looks.
    init(_ session: PostgresSession) async throws {
        for row in try await session.query(Self.relationQuery) {
            guard let relation = row.integer(0) else { continue }
            relations[relation] = Relation(
                name: row[1],
                kind: row[2],
                table: row.integer(3),
                parent: row.integer(4),
            )
        }
        for row in try await session.query(Self.columnQuery) {
            guard let relation = row.integer(0), let number = row.integer(1) else { continue }
            columns[Place(relation: relation, number: number)] = Column(
                name: row[2],
                type: row[3],
                isRequired: row.isTrue(4),
            )
        }
        objects = Set(try await session.query(Self.objectQuery).map { $0[0] })
    }

    /// A relation by itself, or the table of an index.
    func table(_ relation: Int64) -> Int64 { relations[relation]?.table ?? relation }

    private static let relationQuery = """
        SELECT c.oid::bigint, n.nspname || '.' || c.relname, c.relkind, i.indrelid::bigint,
            CASE WHEN c.relispartition THEN (SELECT h.inhparent::bigint FROM pg_inherits h WHERE h.inhrelid = c.oid) END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'i', 'I') AND n.nspname !~ '^pg_'
            AND n.nspname <> 'information_schema'
        """
    private static let columnQuery = """
        SELECT a.attrelid::bigint, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
            a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND c.relkind IN ('r', 'p')
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """
    /// Without what belongs to an extension, a column or a table.
    private static let objectQuery = """
        WITH own AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
        SELECT 'function ' || p.oid::regprocedure FROM pg_proc p JOIN own ON own.oid = p.pronamespace
        WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        UNION SELECT 'type ' || own.nspname || '.' || t.typname FROM pg_type t JOIN own ON own.oid = t.typnamespace
        WHERE t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c'
            AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
        UNION SELECT 'value ' || quote_literal(e.enumlabel) || ' of type ' || own.nspname || '.' || t.typname
        FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN own ON own.oid = t.typnamespace
        UNION SELECT 'sequence ' || own.nspname || '.' || c.relname FROM pg_class c JOIN own ON own.oid = c.relnamespace
        WHERE c.relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
            AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
        """
}
