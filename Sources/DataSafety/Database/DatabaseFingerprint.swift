// SPDX-License-Identifier: Apache-2.0

/// What a database holds, small enough to keep and exact enough to tell a copy that differs.
///
/// Names of tables and sequences are written as SQL writes them, with quotes only where they are needed.
public struct DatabaseFingerprint: Hashable, Sendable, Codable {
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
        definitions: [String: String] = [:],
        tables: [String: TableFingerprint] = [:],
        sequences: [String: SequenceFingerprint] = [:],
        extensions: [String: String] = [:],
    ) {
        self.definitions = definitions
        self.tables = tables
        self.sequences = sequences
        self.extensions = extensions
    }

    /// Rows of all tables together.
    public var rows: Int64 { tables.values.reduce(0) { $0 + $1.rows } }

    /// Tables whose rows were only counted, in order.
    public var countedOnly: [String] { tables.filter { $0.value.digest == nil }.keys.sorted() }
}
