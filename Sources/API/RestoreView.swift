// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// What a restore would mean: found out, nothing changed.
public struct RestoreView: Codable, Sendable, Hashable {
    /// Rows of one table that were written since.
    public struct Lost: Codable, Sendable, Hashable {
        /// The table: `public.shipments`.
        public var table: String
        /// Rows that were inserted.
        public var inserted: Int64
        /// Rows that were changed.
        public var updated: Int64
        /// Rows that were deleted.
        public var deleted: Int64

        /// Describes what would be lost.
        public init(table: String, inserted: Int64, updated: Int64, deleted: Int64) {
            self.table = table
            self.inserted = inserted
            self.updated = updated
            self.deleted = deleted
        }
    }

    /// What would be restored: `backup b7 of tracehub/production/db/tracehub`.
    public var source: String
    /// The backup; absent for a restore that is taken back.
    public var backup: String?
    /// How sure it is: `verified: 12 tables …`.
    public var proof: String
    /// The database whose place it would take.
    public var database: String
    /// As of when the data would be.
    public var asOf: Date
    /// What time it is.
    public var now: Date
    /// What was written since, most first, as the server has counted it; absent when it can't tell.
    public var lost: [Lost]?
    /// How the schema would differ from the present one; absent when that is not known.
    public var schemaDifferences: [String]?
    /// The release that served then, when it is another than now.
    public var servedThen: String?
    /// The release that serves.
    public var serving: String
    /// How long the database as it is now would be kept, in seconds.
    public var keepsOld: Double

    /// Describes a restore.
    public init(
        source: String,
        backup: String?,
        proof: String,
        database: String,
        asOf: Date,
        now: Date,
        lost: [Lost]?,
        schemaDifferences: [String]?,
        servedThen: String?,
        serving: String,
        keepsOld: Double,
    ) {
        self.source = source
        self.backup = backup
        self.proof = proof
        self.database = database
        self.asOf = asOf
        self.now = now
        self.lost = lost
        self.schemaDifferences = schemaDifferences
        self.servedThen = servedThen
        self.serving = serving
        self.keepsOld = keepsOld
    }
}

/// Body of `POST …/restores`, and, as a query, of `GET …/restore`.
public struct RestoreOrder: Codable, Sendable, Hashable {
    /// The backup; the newest verified one of the environment when both this and `undo` are absent.
    public var backup: String?
    /// The restore to take back: `d15`.
    public var undo: String?
    /// SQL that runs on the data before anybody sees them.
    public var masking: String?
    /// The environment's name, again: whoever says it means it.
    public var confirm: String?

    /// Describes an order.
    public init(
        backup: String? = nil,
        undo: String? = nil,
        masking: String? = nil,
        confirm: String? = nil,
    ) {
        self.backup = backup
        self.undo = undo
        self.masking = masking
        self.confirm = confirm
    }
}

/// One table to bring back beside the one that is there.
public struct TableRestoreOrder: Codable, Sendable, Hashable {
    /// The backup; the newest verified one of the environment when absent.
    public var backup: String?
    /// The table: `public.orders`, or `orders` where only one schema has one.
    public var table: String
    /// The new table's name, without its schema; the old one's and the backup's when absent.
    public var name: String?

    /// Describes an order.
    public init(backup: String? = nil, table: String, name: String? = nil) {
        self.backup = backup
        self.table = table
        self.name = name
    }
}

/// A table that came back.
public struct RestoredTableView: Codable, Sendable, Hashable {
    /// The backup.
    public var backup: String
    /// As of when its rows are.
    public var asOf: Date
    /// The database: `tracehub/production/db/tracehub`.
    public var database: String
    /// The table that it was: `public.orders`.
    public var source: String
    /// The table that it is now: `"public"."orders_b7"`.
    public var table: String
    /// Its columns but for those that are computed: `id, note`.
    public var columns: String
    /// How many rows.
    public var rows: Int64

    /// Describes a table that came back.
    public init(
        backup: String,
        asOf: Date,
        database: String,
        source: String,
        table: String,
        columns: String,
        rows: Int64,
    ) {
        self.columns = columns
        self.backup = backup
        self.asOf = asOf
        self.database = database
        self.source = source
        self.table = table
        self.rows = rows
    }
}
