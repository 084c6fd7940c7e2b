// SPDX-License-Identifier: Apache-2.0

/// What is in one table.
public struct TableFingerprint: Hashable, Sendable, Codable {
    /// How many rows.
    public var rows: Int64
    /// The same for the same rows in any order; nil when the table was too large to be read for this.
    public var digest: String?
    /// Where they lie in the dump that was read, in bytes; nil when an earlier version made the backup.
    ///
    /// Nothing that is compared.
    public var place: Range<Int64>?

    /// Describes a table's content.
    public init(rows: Int64, digest: String?, place: Range<Int64>? = nil) {
        self.rows = rows
        self.digest = digest
        self.place = place
    }
}
