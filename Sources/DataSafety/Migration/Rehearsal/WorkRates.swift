// SPDX-License-Identifier: Apache-2.0

/// How fast a server goes through a table, in bytes of it per second.
public struct WorkRates: Hashable, Sendable {
    /// Reading every row.
    public var reading: Double
    /// Making an index of texts.
    public var indexing: Double
    /// Writing every row anew into another file, with an index.
    public var rewriting: Double
    /// Changing every row.
    public var changing: Double

    /// Describes a server.
    public init(reading: Double, indexing: Double, rewriting: Double, changing: Double) {
        self.reading = reading
        self.indexing = indexing
        self.rewriting = rewriting
        self.changing = changing
    }
}
