// SPDX-License-Identifier: Apache-2.0

/// How many rows a server has counted as written to each table since it began to count.
///
/// Of PostgreSQL's statistics, which are late by up to a minute and lost with a crash: good for an estimate, and no more.
public struct WriteCounters: Hashable, Sendable, Codable {
    /// Rows of one table.
    public struct Writes: Hashable, Sendable, Codable {
        /// Rows that were inserted.
        public var inserted: Int64
        /// Rows that were changed.
        public var updated: Int64
        /// Rows that were deleted.
        public var deleted: Int64

        /// Describes writes.
        public init(inserted: Int64 = 0, updated: Int64 = 0, deleted: Int64 = 0) {
            self.inserted = inserted
            self.updated = updated
            self.deleted = deleted
        }

        /// All of them together.
        public var total: Int64 { inserted + updated + deleted }
    }

    /// Which counting it is: counters of another one can't be compared.
    public var identity: String
    /// What was counted, by table.
    public var tables: [String: Writes]

    /// Describes counters.
    public init(identity: String, tables: [String: Writes] = [:]) {
        self.identity = identity
        self.tables = tables
    }

    /// What was written between `earlier` and these, by table and only where anything was; nil when that can't be told.
    public func since(_ earlier: WriteCounters) -> [String: Writes]? {
        guard earlier.identity == identity else { return nil }
        var writes: [String: Writes] = [:]
        for (table, now) in tables {
            let before = earlier.tables[table] ?? Writes()
            let difference = Writes(
                inserted: now.inserted - before.inserted,
                updated: now.updated - before.updated,
                deleted: now.deleted - before.deleted,
            )
            guard difference.inserted >= 0, difference.updated >= 0, difference.deleted >= 0 else {
                return nil
            }
            if difference.total > 0 { writes[table] = difference }
        }
        return writes
    }
}
