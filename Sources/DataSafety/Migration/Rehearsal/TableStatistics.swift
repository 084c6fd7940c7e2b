// SPDX-License-Identifier: Apache-2.0
public import Core

/// How large a table of the real database is.
public struct TableStatistics: Hashable, Sendable, Codable {
    /// What it takes on the disk, with its indexes; of a partitioned table, what its partitions take.
    public var size: ByteCount
    /// How many rows, as the server last counted; nil when it never did.
    public var rows: Int64?
    /// Whether there is anything in it.
    public var hasRows: Bool
    /// Whether its rows are in tables that are counted by themselves.
    public var isPartitioned: Bool
    /// How much comes to it; nil when nobody knows.
    public var traffic: TableTraffic?

    /// Describes a table.
    public init(
        size: ByteCount,
        rows: Int64?,
        hasRows: Bool,
        isPartitioned: Bool = false,
        traffic: TableTraffic? = nil,
    ) {
        self.traffic = traffic
        self.size = size
        self.rows = rows
        self.hasRows = hasRows
        self.isPartitioned = isPartitioned
    }

    /// `2.1 GiB, about 3400000 rows`.
    var inWords: String { rows.map { "\(size), about \($0) rows" } ?? "\(size)" }
}

/// What comes to a table, in a second, on average.
public struct TableTraffic: Hashable, Sendable, Codable {
    /// Rows that are inserted, changed or deleted.
    public var writes: Double
    /// Times that it, or an index of it, is read.
    public var reads: Double

    /// Describes traffic.
    public init(writes: Double, reads: Double) {
        (self.writes, self.reads) = (writes, reads)
    }

    /// `12 writes and 340 reads a second wait`; nil for hardly any.
    ///
    /// - Parameter mode: What they wait for.
    /// - Returns: Those that do.
    func waiting(for mode: LockMode) -> String? {
        let parts = [(writes, "write"), (mode.blocksReads ? reads : 0, "read")]
            .filter { $0.0 >= 0.05 }
            .map { rate, word in
                let number = rate < 9.95 ? Double(Int(rate * 10 + 0.5)) / 10 : rate.rounded()
                let text = number == number.rounded() ? "\(Int(number))" : "\(number)"
                return "\(text) \(word)\(text == "1" ? "" : "s")"
            }
        return parts.isEmpty ? nil : "\(parts.joined(separator: " and ")) a second on average wait"
    }
}
