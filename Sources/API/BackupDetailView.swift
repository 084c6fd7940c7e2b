// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// Everything that is known of a backup.
public struct BackupDetailView: Codable, Sendable, Hashable {
    /// One table.
    public struct Table: Codable, Sendable, Hashable {
        /// Its name: `public.shipments`.
        public var name: String
        /// How many rows were dumped of it.
        public var rows: Int64

        /// Describes a table.
        public init(name: String, rows: Int64) {
            self.name = name
            self.rows = rows
        }
    }

    /// What the list shows.
    public var backup: BackupView
    /// `postgres`, `redis` or `folder`.
    ///
    /// Of a folder ``tables`` are what is right in it (`.`) and the folders in it, and their rows files; of Redis one, whose rows are
    /// keys.
    public var kind: String
    /// When the last byte was written; absent when nothing was kept.
    public var writtenAt: Date?
    /// The server's version.
    public var server: String?
    /// The program that dumped, with its version.
    public var tool: String?
    /// Bytes of the dump before it was compressed and encrypted.
    public var dumped: Int64?
    /// Bytes of the database on its disk.
    public var databaseSize: Int64?
    /// The recovery key that opens it; absent when it is not encrypted.
    public var key: String?
    /// Every table, by name.
    public var tables: [Table]
    /// How many other definitions there are.
    public var definitions: Int
    /// The extensions with their versions.
    public var extensions: [String: String]
    /// What is to be known of what was written, one sentence each.
    public var remarks: [String]
    /// The server's roles as SQL, without passwords.
    public var roles: String?
    /// When the last drill proved it.
    public var provenAt: Date?
    /// How long that restore took, in seconds.
    public var restoreTook: Double?

    /// Describes a backup.
    public init(
        backup: BackupView,
        kind: String,
        writtenAt: Date? = nil,
        server: String? = nil,
        tool: String? = nil,
        dumped: Int64? = nil,
        databaseSize: Int64? = nil,
        key: String? = nil,
        tables: [Table] = [],
        definitions: Int = 0,
        extensions: [String: String] = [:],
        remarks: [String] = [],
        roles: String? = nil,
        provenAt: Date? = nil,
        restoreTook: Double? = nil,
    ) {
        self.backup = backup
        self.kind = kind
        self.writtenAt = writtenAt
        self.server = server
        self.tool = tool
        self.dumped = dumped
        self.databaseSize = databaseSize
        self.key = key
        self.tables = tables
        self.definitions = definitions
        self.extensions = extensions
        self.remarks = remarks
        self.roles = roles
        self.provenAt = provenAt
        self.restoreTook = restoreTook
    }
}
