// SPDX-License-Identifier: Apache-2.0

/// What a database holds, small enough to keep and exact enough to tell a copy that differs.
///
/// Names of tables and sequences are written as SQL writes them, with quotes only where they are needed.
public struct DatabaseFingerprint: Hashable, Sendable, Codable {
    /// In which way definitions and rows became digests; nil for that of earlier versions.
    ///
    /// Digests of two ways can't be compared.
    public var reading: String?
    /// The digest of each object's definition, by kind and name: `INDEX public.ix_shipments_reference`.
    public var definitions: [String: String]
    /// What is in each table, by name: `public.shipments`.
    public var tables: [String: TableFingerprint]
    /// Where each sequence stands, by name: `public.shipments_id_seq`.
    public var sequences: [String: SequenceFingerprint]
    /// The version of each extension.
    ///
    /// Told, not compared: a restore installs the version that the server has now.
    public var extensions: [String: String]

    /// Describes a database.
    public init(
        reading: String? = nil,
        definitions: [String: String] = [:],
        tables: [String: TableFingerprint] = [:],
        sequences: [String: SequenceFingerprint] = [:],
        extensions: [String: String] = [:],
    ) {
        self.reading = reading
        self.definitions = definitions
        self.tables = tables
        self.sequences = sequences
        self.extensions = extensions
    }

    /// Where ``tables`` has large objects, which belong to no table.
    public static let largeObjects = "large objects"

    /// How many large objects.
    public var largeObjectCount: Int64 { tables[Self.largeObjects]?.rows ?? 0 }

    /// What ``reading`` of an archive of files begins with; ``tables`` are then folders, and their rows files.
    public static let folderReading = "tar"

    /// What ``reading`` of a Redis server begins with; ``tables`` are then its databases together, and their rows keys.
    public static let redisReading = "redis"

    /// What ``reading`` of all of a server's files begins with; ``tables`` are then clusters, and their rows files.
    public static let clusterReading = "cluster"

    /// What tables and rows are called in a sentence.
    var nouns: (table: String, rows: String) {
        switch reading?.prefix(while: { $0 != " " }) {
        case Self.folderReading?: ("folder", "files")
        case Self.redisReading?: ("server", "keys")
        case Self.clusterReading?: ("cluster", "files")
        default: ("table", "rows")
        }
    }

    /// Rows of all tables together.
    public var rows: Int64 { tables.values.reduce(0) { $0 + $1.rows } }

    /// Tables of which a comparison with `copy` can only say how many rows they have, in order.
    public func countedOnly(in copy: DatabaseFingerprint) -> [String] {
        tables.filter { reading != copy.reading || $0.value.digest == nil }.keys.sorted()
    }
}
