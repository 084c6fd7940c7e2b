// SPDX-License-Identifier: Apache-2.0
public import Core

/// What is in one table.
public struct TableFingerprint: Hashable, Sendable, Codable {
    /// How many rows.
    public var rows: Int64
    /// The same for the same rows in any order; nil when the table was too large to be read for this.
    public var digest: String?
    /// How many bytes they are as they were read; nil when an earlier version made the backup.
    ///
    /// Nothing that is compared.
    public var size: ByteCount?

    /// Describes a table's content.
    public init(rows: Int64, digest: String?, size: ByteCount? = nil) {
        self.rows = rows
        self.digest = digest
        self.size = size
    }
}
