// SPDX-License-Identifier: Apache-2.0

/// What a migration did to things that were there before it, seen when it was done.
///
/// What comes back under the same name by then was not missed by anybody.
public struct SchemaChanges: Hashable, Sendable, Codable {
    /// A table, view or column, by the names that they have in the real database.
    public struct Place: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
        /// `schema.table`.
        public var relation: String
        /// A column of it; nil for the relation itself.
        public var column: String?

        /// Names a place.
        public init(_ relation: String, _ column: String? = nil) {
            self.relation = relation
            self.column = column
        }

        /// `public.shipments.notes`.
        public var description: String { column.map { "\(relation).\($0)" } ?? relation }

        /// Orders by name.
        public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
    }

    /// Tables, views and columns that can't be used any more under their names, whether they are gone or renamed.
    public var gone: [Place]
    /// Of those, what has only another name now.
    public var renamed: [Place]
    /// Tables and columns whose rows or values are gone.
    public var lost: [Place]
    /// Functions of the database in whose text something that is gone is named, by that.
    public var mentions: [Place: [String]]
    /// Columns that must have a value now and get none by themselves.
    public var required: [Place]
    /// Of those, what is new: rows that are there have no value in them.
    public var added: [Place]
    /// Columns that have another type now, with both types.
    public var retyped: [Place: String]
    /// Tables whose rows belong to a partitioned table no more: the former's name, and the latter's.
    public var detached: [String: String]
    /// Functions, types, values of enumerations and sequences that are gone, in words.
    public var missing: [String]

    /// Describes changes.
    public init(
        gone: [Place] = [],
        renamed: [Place] = [],
        lost: [Place] = [],
        mentions: [Place: [String]] = [:],
        required: [Place] = [],
        added: [Place] = [],
        retyped: [Place: String] = [:],
        detached: [String: String] = [:],
        missing: [String] = [],
    ) {
        self.gone = gone
        self.renamed = renamed
        self.lost = lost
        self.mentions = mentions
        self.required = required
        self.added = added
        self.retyped = retyped
        self.detached = detached
        self.missing = missing
    }

    /// Adds what another part of the same migration did.
    public mutating func formUnion(_ other: SchemaChanges) {
        gone += other.gone
        renamed += other.renamed
        lost += other.lost
        mentions.merge(other.mentions) { Set($0 + $1).sorted() }
        required += other.required
        added += other.added
        retyped.merge(other.retyped) { $1 }
        detached.merge(other.detached) { $1 }
        missing += other.missing
    }
}
