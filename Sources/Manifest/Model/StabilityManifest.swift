// SPDX-License-Identifier: Apache-2.0

/// `stability:` of an environment: the budget that real traffic and probes must keep after the switch.
public struct StabilityManifest: Hashable, Sendable, Codable {
    /// How long it is watched; 30 s by default.
    public var window: Duration
    /// The share of requests (0…1) that may fail: connection errors and 5xx; 0.01 by default.
    public var maxErrorRate: Double
    /// The 99th percentile that may not be passed.
    ///
    /// Nil: not looked at.
    public var maxP99: Duration?
    /// How many requests, real or probes, make a judgement; fewer is inconclusive.
    ///
    /// 10 by default.
    public var minRequests: Int

    /// Describes a budget.
    public init(
        window: Duration = .seconds(30),
        maxErrorRate: Double = 0.01,
        maxP99: Duration? = nil,
        minRequests: Int = 10,
    ) {
        self.window = window
        self.maxErrorRate = maxErrorRate
        self.maxP99 = maxP99
        self.minRequests = minRequests
    }
}
