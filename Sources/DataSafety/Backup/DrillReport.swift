// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// What a restore drill saw that proved a backup: the evidence that is kept.
public struct DrillReport: Hashable, Sendable, Codable {
    /// When the drill ended.
    public var at: Date
    /// How long a restore takes, from the first byte read to the last comparison.
    public var took: Duration
    /// The version of the server that restored it.
    public var serverVersion: String
    /// How many tables came back.
    public var tables: Int
    /// How many rows came back.
    public var rows: Int64
    /// Tables whose rows were counted but not read, because of their size.
    public var countedOnly: [String]

    /// Describes a drill that succeeded.
    public init(
        at: Date,
        took: Duration,
        serverVersion: String,
        tables: Int,
        rows: Int64,
        countedOnly: [String] = [],
    ) {
        self.at = at
        self.took = took
        self.serverVersion = serverVersion
        self.tables = tables
        self.rows = rows
        self.countedOnly = countedOnly
    }
}
