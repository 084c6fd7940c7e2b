// SPDX-License-Identifier: Apache-2.0

/// What a migration did when it was rehearsed.
public struct MigrationTrace: Hashable, Sendable, Codable {
    /// The migration.
    public var migration: PendingMigration
    /// Its statements, in order.
    public var statements: [StatementTrace]
    /// Why it did not apply to the copy; nil when it did.
    public var failure: String?

    /// Describes what a migration did.
    public init(migration: PendingMigration, statements: [StatementTrace] = [], failure: String? = nil) {
        self.migration = migration
        self.statements = statements
        self.failure = failure
    }
}

/// What one statement did to a copy of the schema, as its server told it.
///
/// Only of relations that the database has already: nobody uses what a migration makes itself. Names are
/// `schema.relation` and `schema.relation.column`; an index counts as its table.
public struct StatementTrace: Hashable, Sendable, Codable {
    /// The statement.
    public var text: String
    /// Which of the rehearsal's transactions it ran in; locks are held until the last statement of it.
    public var transaction: Int
    /// Locks that no earlier statement of the transaction held: the strongest for each relation.
    public var locks: [String: LockMode]
    /// Tables that it wrote anew, row by row, into other files.
    public var rewritten: [String]
    /// Tables that it read from the first row to the last.
    public var scanned: [String]
    /// Tables that it left without a row (`TRUNCATE`).
    public var emptied: [String]
    /// Tables, views and columns that are gone.
    public var dropped: [String]
    /// Tables, views and columns that have another name now.
    public var renamed: [String]
    /// Columns that must have a value now and get none by themselves.
    public var required: [String]
    /// Of `required`, those that are new: rows that are there already have no value in them.
    public var added: [String]

    /// Describes what a statement did.
    public init(
        _ text: String,
        transaction: Int,
        locks: [String: LockMode] = [:],
        rewritten: [String] = [],
        scanned: [String] = [],
        emptied: [String] = [],
        dropped: [String] = [],
        renamed: [String] = [],
        required: [String] = [],
        added: [String] = [],
    ) {
        self.text = text
        self.transaction = transaction
        self.locks = locks
        self.rewritten = rewritten
        self.scanned = scanned
        self.emptied = emptied
        self.dropped = dropped
        self.renamed = renamed
        self.required = required
        self.added = added
    }

    /// Its beginning on one line, for people.
    public var inShort: String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 72 ? line.prefix(71) + "…" : line
    }

    /// Its first words in capitals, as far as they are letters.
    var keywords: [String] {
        text.uppercased().split { !$0.isLetter && $0 != "_" }.prefix(40).map(String.init)
    }
}
