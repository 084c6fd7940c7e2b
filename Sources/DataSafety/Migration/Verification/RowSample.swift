// SPDX-License-Identifier: Apache-2.0

/// Some rows of every table of a backup, for migrations to show what they do to them.
public struct RowSample: Sendable {
    /// Where they are from: `b7`.
    public let source: String
    /// In which encoding the dump has them, as PostgreSQL names it.
    public let encoding: String
    /// Hands the whole dump over.
    public let feed: DumpFeed

    /// Describes a sample that nobody has read yet.
    public init(source: String, encoding: String, feed: DumpFeed) {
        self.source = source
        self.encoding = encoding
        self.feed = feed
    }
}

/// How many rows went along when migrations were verified.
public struct SampledRows: Hashable, Sendable, Codable {
    /// Where they are from: `b7`.
    public var source: String
    /// How many.
    public var rows: Int64
    /// In how many tables.
    public var tables: Int
    /// What did not come along, and why, one sentence each.
    public var remarks: [String]

    /// Describes rows.
    public init(source: String, rows: Int64, tables: Int, remarks: [String] = []) {
        self.source = source
        self.rows = rows
        self.tables = tables
        self.remarks = remarks
    }
}
