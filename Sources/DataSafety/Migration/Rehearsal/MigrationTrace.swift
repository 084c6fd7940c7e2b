// SPDX-License-Identifier: Apache-2.0

/// What a migration did when it was rehearsed.
public struct MigrationTrace: Hashable, Sendable, Codable {
    /// The migration.
    public var migration: PendingMigration
    /// Its statements, in order.
    public var statements: [StatementTrace]
    /// What the schema lacks or asks for after it.
    public var changes: SchemaChanges
    /// Recorded queries that worked before it and do not after it.
    public var broken: [BrokenQuery]
    /// How many recorded queries work after it; nil when this could not be found out.
    public var working: Int?
    /// Why it did not apply to the copy; nil when it did.
    public var failure: String?

    /// Describes what a migration did.
    public init(
        migration: PendingMigration,
        statements: [StatementTrace] = [],
        changes: SchemaChanges = SchemaChanges(),
        broken: [BrokenQuery] = [],
        working: Int? = nil,
        failure: String? = nil,
    ) {
        self.migration = migration
        self.statements = statements
        self.changes = changes
        self.broken = broken
        self.working = working
        self.failure = failure
    }
}

/// What one statement did to a copy of the schema, as its server told it.
///
/// Only of tables that the database has already, by the names that they have there: nobody uses what a migration makes
/// itself. An index counts as its table.
public struct StatementTrace: Hashable, Sendable, Codable {
    /// The statement.
    public var text: String
    /// Which of the rehearsal's transactions it ran in; locks are held until the last statement of it, whatever migration
    /// that belongs to.
    public var transaction: Int
    /// Locks that no earlier statement of the transaction held: the strongest for each table.
    public var locks: [String: LockMode]
    /// Tables that it wrote anew, row by row, into other files.
    public var rewritten: [String]
    /// Tables that it read from the first row to the last.
    public var scanned: [String]
    /// Tables of which it changed rows, and not only one by its key.
    public var changed: [String]
    /// Whether it changed them without a condition.
    public var isUnconditional: Bool
    /// Tables that it left without a row (`TRUNCATE`).
    public var emptied: [String]
    /// Why nobody could watch it; nil when it was watched.
    public var unwatched: String?

    /// Describes what a statement did.
    public init(
        _ text: String,
        transaction: Int,
        locks: [String: LockMode] = [:],
        rewritten: [String] = [],
        scanned: [String] = [],
        changed: [String] = [],
        isUnconditional: Bool = false,
        emptied: [String] = [],
        unwatched: String? = nil,
    ) {
        self.text = text
        self.transaction = transaction
        self.locks = locks
        self.rewritten = rewritten
        self.scanned = scanned
        self.changed = changed
        self.isUnconditional = isUnconditional
        self.emptied = emptied
        self.unwatched = unwatched
    }

    /// Its beginning on one line, for people; without its texts, in which anything may stand.
    public var inShort: String { SQLExcerpt.of(text) }

    /// Its first words in capitals, as far as they are letters.
    var keywords: [String] {
        text.uppercased().split { !$0.isLetter && $0 != "_" }.prefix(40).map(String.init)
    }
}

/// The beginning of a statement, for people.
enum SQLExcerpt {
    /// On one line, without texts, in which anything may stand.
    static func of(_ statement: String) -> String {
        let pieces = statement.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "…" }
        let line = pieces.joined(separator: "'").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 72 ? line.prefix(71) + "…" : line
    }
}
