// SPDX-License-Identifier: Apache-2.0

/// Brings one table of a backup back beside those that are there.
public protocol TableRestorer: Sendable {
    /// Makes a table as a backup has it and fills it with the rows that it had then; touches no other.
    ///
    /// It belongs to the owner of the database, and has no indexes, keys to other tables, triggers, policies or privileges. On any error it is gone
    /// again.
    ///
    /// - Parameters:
    ///   - table: Where it comes from and what it is to hold.
    ///   - database: Where to.
    ///   - feed: Hands the dump over; called twice.
    /// - Returns: The new table as SQL writes it, and the columns that were filled: `("public"."orders_b7", "id, note")`.
    /// - Throws: `conflict` when there is a table of that name, or when it can't be made as it was; `backup-failed` when it does not hold
    ///   what it held; `disk-full`.
    func restore(
        _ table: RestoredTable,
        into database: DatabaseTarget,
        from feed: DumpFeed,
    ) async throws -> (table: String, columns: String)
}

/// A table that is to come back from a backup.
public struct RestoredTable: Hashable, Sendable {
    /// As fingerprints name it: `public.orders`.
    public let source: String
    /// The new table's name, without its schema, which stays the same; nil for that of the table followed by `_` and `suffix`.
    public let name: String?
    /// What the new name ends with when none is given.
    public let suffix: String
    /// What it held.
    public let content: TableFingerprint
    /// In which encoding the dump has it, as PostgreSQL names it.
    public let encoding: String

    /// Describes a table.
    public init(
        source: String,
        name: String?,
        suffix: String,
        content: TableFingerprint,
        encoding: String,
    ) {
        self.source = source
        self.name = name
        self.suffix = suffix
        self.content = content
        self.encoding = encoding
    }
}
