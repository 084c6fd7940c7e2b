// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

extension ThrowawayDatabase {
    /// Fills the tables; see ``DataSafety/EmptyDatabase``.
    func fill(from sample: RowSample) async throws -> SampledRows {
        let reader = SampleReader()
        try await sample.feed { try await reader.read($0) }
        let endpoint = rehearsal.lent.access.record.endpoint(job.database.name, as: "verification")
        let books = try await PostgresSession.with(endpoint) { try await rehearsal.tool.bookkeeping($0) }
        var found = SampledRows(source: sample.source, rows: 0, tables: 0)
        for table in await reader.tables where !table.rows.isEmpty && !books.contains(table.name) {
            if let refusal = try await load(table, sample.encoding) {
                found.remarks.append("no rows in \(table.name): \(refusal)")
            }
        }
        return try await PostgresSession.with(endpoint) { session in
            try await Self.settle(session)
            for (name, count) in try await Self.counts(session) where count > 0 && !books.contains(name) {
                found.rows += count
                found.tables += 1
            }
            return found
        }
    }

    /// What is in each column; see ``DataSafety/EmptyDatabase``.
    func contents() async throws -> [SchemaChanges.Place: String] {
        let endpoint = rehearsal.lent.access.record.endpoint(job.database.name, as: "verification")
        return try await PostgresSession.with(endpoint) { session in
            let books = Set(try await rehearsal.tool.bookkeeping(session))
            var found: [SchemaChanges.Place: String] = [:]
            for table in try await session.query(Self.columnQuery) {
                let (name, relation) = (table[0], table[1])
                guard !books.contains(name), !books.contains(relation) else { continue }
                let columns = try await session.query(
                    "SELECT attname, quote_ident(attname) FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped",
                    [relation],
                )
                guard !columns.isEmpty else { continue }
                // In whatever order: a table that was written anew has its rows elsewhere.
                let sums = columns.map {
                    "sum(hashtextextended(COALESCE(\($0[1])::text, '\\N'), 1)::numeric)"
                }
                let values = try await session.query(
                    "SELECT count(*), \(sums.joined(separator: ", ")) FROM ONLY \(relation)"
                )
                guard let row = values.first, row[0] != "0" else { continue }
                for (index, column) in columns.enumerated() {
                    found[SchemaChanges.Place(name, column[0])] = "\(row[0]) \(row[index + 1])"
                }
            }
            return found
        }
    }

    /// - Returns: Why the rows do not go in; nil when they did.
    private func load(_ table: ArchiveSample.Table, _ encoding: String) async throws -> String? {
        var program = try rehearsal.lent.access.program(
            rehearsal.cluster.programs.path(of: "psql"),
            [
                "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
                "--command=\(table.statement)",
            ],
            database: job.database.name,
            // No triggers, and no keys to rows that did not come along.
            settings: ["session_replication_role": "replica", "intervalstyle": "postgres"],
            deadline: rehearsal.cluster.deadline,
        )
        program.environment["PGCLIENTENCODING"] = encoding
        let rows = table.rows
        let (result, _) = try await StreamedProgram(program: program).feed { try await $0(rows) }
        guard !result.isSuccess else { return nil }
        // Only what is wrong: further lines show the row.
        let line = result.errors.split(whereSeparator: \.isNewline).first { $0.hasPrefix("ERROR:") }
        return line.map { $0.dropFirst("ERROR:".count).trimmingPrefix { $0 == " " }.description }
            ?? result.endingInWords
    }

    /// Removes rows whose keys lead to rows that did not come along, and sets sequences behind what did.
    private static func settle(_ session: PostgresSession) async throws {
        try await session.query("SET session_replication_role = replica")
        let orphans = try await session.query(orphanQuery).map { $0[0] }
        var isClean = false
        // Each round may make other rows orphans.
        while !isClean {
            isClean = true
            for orphan in orphans where try await session.query(orphan).first?.integer(0) ?? 0 > 0 {
                isClean = false
            }
        }
        for sequence in try await session.query(sequenceQuery) { try await session.query(sequence[0]) }
    }

    private static func counts(_ session: PostgresSession) async throws -> [(String, Int64)] {
        var counts: [(String, Int64)] = []
        for table in try await session.query(columnQuery) {
            let count = try await session.query("SELECT count(*) FROM ONLY \(table[1])").first?.integer(0)
            counts.append((table[0], count ?? 0))
        }
        return counts
    }

    private static let columnQuery = """
        SELECT n.nspname || '.' || c.relname, c.oid::regclass::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1
        """
    /// One statement for each key to another table.
    private static let orphanQuery = """
        SELECT format('WITH gone AS (DELETE FROM %s %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s) RETURNING 1) SELECT count(*) FROM gone',
            (SELECT CASE relkind WHEN 'r' THEN 'ONLY' ELSE '' END FROM pg_class WHERE oid = f.conrelid), f.conrelid::regclass,
            (SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') FROM pg_attribute a
                WHERE a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey)),
            f.confrelid::regclass,
            (SELECT string_agg(format('p.%I = c.%I', t.attname, s.attname), ' AND ')
                FROM unnest(f.conkey, f.confkey) AS k(own, other)
                JOIN pg_attribute s ON s.attrelid = f.conrelid AND s.attnum = k.own
                JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = k.other))
        FROM pg_constraint f WHERE f.contype = 'f' AND f.conparentid = 0
        """
    private static let sequenceQuery = """
        SELECT format('SELECT setval(%L, m) FROM (SELECT max(%I) AS m FROM %s) AS x WHERE m > 0', s.oid::regclass, a.attname, t.oid::regclass)
        FROM pg_class s JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
            AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
        JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        WHERE s.relkind = 'S' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
        """
}

/// Takes the first rows of each table out of a dump as it goes by.
private actor SampleReader {
    private var reader = ArchiveReader()

    init() { reader.sample = ArchiveSample() }

    func read(_ bytes: [UInt8]) throws { try reader.read(bytes) }

    var tables: [ArchiveSample.Table] {
        (reader.sample?.tables ?? [:]).values.sorted { $0.name < $1.name }
    }
}
