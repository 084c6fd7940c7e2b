// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety

/// A migration tool whose statements can be told apart by migration once a server has recorded them.
public protocol RecordedTool: MigrationTool {
    /// Whether it runs code of the project, which may reach any database that it knows of.
    var runsProjectCode: Bool { get }

    /// The tables in which it keeps what was applied, as `schema.table`.
    func bookkeeping(_ session: PostgresSession) async throws -> [String]

    /// The revision that a statement writes down as applied; nil for any other statement.
    ///
    /// What the server ran since the one before belongs to this revision.
    func revision(
        recordedBy statement: RecordedStatement,
        among pending: Set<MigrationRevision>,
    ) -> MigrationRevision?
}

extension SQLMigrations: RecordedTool {
    /// Never: it only sends what the files say.
    public var runsProjectCode: Bool { false }

    /// Its one table.
    public func bookkeeping(_ session: PostgresSession) async throws -> [String] {
        let rows = try await session.query(
            "SELECT '\(book.table)' WHERE to_regclass('\(book.table)') IS NOT NULL"
        )
        return rows.map { $0[0] }
    }

    /// The row that says that all of a file was applied; of a file without a transaction there are earlier ones.
    public func revision(
        recordedBy statement: RecordedStatement,
        among pending: Set<MigrationRevision>,
    ) -> MigrationRevision? {
        guard statement.text.contains(book.table),
            let first = statement.parameters.first ?? nil
        else { return nil }
        let isWhole =
            switch SQLStatement(text: statement.text, line: 1).keyword {
            case "INSERT": statement.text.contains("finished_at")
            case "UPDATE": statement.parameters.last == "t"
            default: false
            }
        let revision = MigrationRevision(first)
        return isWhole && pending.contains(revision) ? revision : nil
    }
}

extension AlembicMigrations: RecordedTool {
    /// Always: revisions are Python.
    public var runsProjectCode: Bool { true }

    /// Its version table, which a project may call something else: the one with nothing but a `version_num`.
    public func bookkeeping(_ session: PostgresSession) async throws -> [String] {
        try await session.query(
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE a.attname = 'version_num' AND c.relkind = 'r' AND c.relnatts = 1 ORDER BY 1
            """
        )
        .map { $0[0] }
    }

    /// `UPDATE alembic_version SET version_num='0002' WHERE …`: the first revision that it names.
    public func revision(
        recordedBy statement: RecordedStatement,
        among pending: Set<MigrationRevision>,
    ) -> MigrationRevision? {
        guard statement.text.contains("version_num"),
            ["INSERT", "UPDATE", "DELETE"].contains(String(statement.text.prefix(6)).uppercased())
        else { return nil }
        let quoted = statement.text.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        return (quoted + statement.parameters.compactMap(\.self)).map { MigrationRevision($0) }
            .first(where: pending.contains)
    }
}
