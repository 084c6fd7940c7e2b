// SPDX-License-Identifier: Apache-2.0
public import Core

/// How large a table of the real database is.
public struct TableStatistics: Hashable, Sendable, Codable {
    /// What it takes on the disk, with its indexes; of a partitioned table, what its partitions take.
    public var size: ByteCount
    /// How many rows, as the server last counted; nil when it never did.
    public var rows: Int64?
    /// Whether there is anything in it.
    public var hasRows: Bool
    /// Whether its rows are in tables that are counted by themselves.
    public var isPartitioned: Bool

    /// Describes a table.
    public init(size: ByteCount, rows: Int64?, hasRows: Bool, isPartitioned: Bool = false) {
        self.size = size
        self.rows = rows
        self.hasRows = hasRows
        self.isPartitioned = isPartitioned
    }

    /// `2.1 GiB, about 3400000 rows`.
    var inWords: String { rows.map { "\(size), about \($0) rows" } ?? "\(size)" }
}
