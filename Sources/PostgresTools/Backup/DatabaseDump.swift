// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// One dump of one database, which tells by itself what it holds.
struct DatabaseDump {
    /// The server.
    let cluster: ClusterAccess
    /// Programs of its version.
    let programs: PostgresPrograms
    /// The database.
    let database: String
    /// How long it may take.
    let deadline: Duration
    /// Whether it shall keep nobody waiting.
    var isBackground = false
    /// What it means when it fails.
    var failure = Failure.Code.backupFailed

    /// Makes it, and says what is in it.
    func contents(into sink: @escaping DumpSink = { _ in }) async throws -> ArchiveContents {
        try await contents([], into: sink)
    }

    /// The digest of every object's definition.
    ///
    /// - Parameter ignoringOrder: Whether the order of a table's columns makes no difference.
    /// - Returns: By kind and name: `INDEX public.ix_shipments_reference`.
    /// - Throws: What keeps `pg_dump` from telling.
    func definitions(ignoringOrder: Bool = false) async throws -> [String: String] {
        let contents = try await contents(["--schema-only", "--no-subscriptions"])
        return ignoringOrder ? contents.definitions.merging(contents.unordered) { $1 } : contents.definitions
    }

    /// What is in a database that nobody changes meanwhile: its largest tables, together about half of it, are read beside the rest.
    ///
    /// Tables that somebody has read already are not read again.
    func contentsInHalves(
        _ session: PostgresSession,
        knowing known: ReadTables,
    ) async throws -> ArchiveContents {
        let large = try await largestTables(session, but: Set(known.patterns))
        async let half = large.isEmpty ? [:] : rows(of: large)
        var all = try await contents((large + known.patterns).map { "--exclude-table-data=\($0)" })
        all.tables.merge(try await half) { $1 }
        all.tables.merge(known.tables) { $1 }
        return all
    }

    /// What is in some tables, by patterns of `pg_dump`.
    func rows(of patterns: [String]) async throws -> [String: TableFingerprint] {
        try await contents(["--data-only"] + patterns.map { "--table=\($0)" }).tables
    }

    /// Enough of the largest to be half of everything, as patterns of `pg_dump`; none where there is little to read.
    private func largestTables(
        _ session: PostgresSession,
        but known: Set<String>,
    ) async throws -> [String] {
        let all = try await session.query(
            """
            SELECT n.nspname, c.relname, pg_table_size(c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
            ORDER BY 3 DESC
            """
        )
        let rows = all.filter { !known.contains("\"\($0[0])\".\"\($0[1])\"") }
        let total = rows.reduce(0) { $0 + ($1.integer(2) ?? 0) }
        guard total > Self.worthHalves.bytes else { return [] }
        var (found, sum): ([String], Int64) = ([], 0)
        for row in rows.prefix(Self.mostTables) where sum < total / 2 {
            // What has another name for pg_dump's patterns is read with the rest.
            guard !"\(row[0])\(row[1])".contains("\"") else { continue }
            found.append("\"\(row[0])\".\"\(row[1])\"")
            sum += row.integer(2) ?? 0
        }
        return found
    }

    private static let worthHalves = ByteCount.mebibytes(32)
    private static let mostTables = 50

    /// What is in one table, by its name as SQL writes it, with every part in quotes; nil when there is none.
    func rows(of table: String) async throws -> TableFingerprint? {
        try await rows(of: [table]).values.first
    }

    private func contents(
        _ more: [String],
        into sink: @escaping DumpSink = { _ in },
    ) async throws -> ArchiveContents {
        var program = try cluster.program(
            programs.path(of: "pg_dump"),
            ["--format=custom", "--compress=0", "--lock-wait-timeout=30000"] + more,
            database: database,
            settings: Self.settings,
            deadline: deadline,
        )
        program.isBackground = isBackground
        return try await ArchiveDigest.contents(
            of: program,
            doing: "reading \(database)",
            or: failure,
            into: sink,
        )
    }

    /// Settings that make the same rows the same text, whatever is set for the database or its roles; `pg_dump` sets the others.
    static let settings = [
        "TimeZone": "UTC", "bytea_output": "hex", "lc_monetary": "C", "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0", "idle_session_timeout": "0",
    ]
}
