// SPDX-License-Identifier: Apache-2.0

/// How long answers took.
public struct LatencySummary: Sendable, Hashable, Codable {
    /// How many answers it is made of.
    public var count: Int
    /// The median.
    public var p50: Duration
    /// The 95th percentile.
    public var p95: Duration
    /// The 99th percentile.
    public var p99: Duration

    /// Describes latency.
    public init(count: Int, p50: Duration, p95: Duration, p99: Duration) {
        self.count = count
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
    }
}
