// SPDX-License-Identifier: Apache-2.0

/// `stability:` of an environment: the budget that real traffic and probes must keep after the switch.
public struct StabilityManifest: Hashable, Sendable, Codable {
    /// How long it is watched; 30 s by default.
    public var window: Duration
    /// How long it is watched at most when there is too little to judge by.
    ///
    /// Nil: three windows.
    public var maxWindow: Duration?
    /// The share of requests (0…1) that may fail: connection errors and 5xx; 0.01 by default.
    public var maxErrorRate: Double
    /// The 99th percentile that may not be passed.
    ///
    /// Nil: not looked at.
    public var maxP99: Duration?
    /// By how much the share of failed requests may pass that of the outgoing release.
    ///
    /// Nil: not compared.
    public var maxErrorIncrease: Double?
    /// By which part of the outgoing release's P95 the new one's may be longer: 0.5 is half as long again.
    ///
    /// Nil: not compared.
    public var maxSlowdown: Double?
    /// How many requests, real or probes, make a judgement; fewer is inconclusive.
    ///
    /// 10 by default.
    public var minRequests: Int

    /// Describes a budget.
    public init(
        window: Duration = .seconds(30),
        maxWindow: Duration? = nil,
        maxErrorRate: Double = 0.01,
        maxP99: Duration? = nil,
        maxErrorIncrease: Double? = nil,
        maxSlowdown: Double? = nil,
        minRequests: Int = 10,
    ) {
        self.window = window
        self.maxWindow = maxWindow
        self.maxErrorRate = maxErrorRate
        self.maxP99 = maxP99
        self.maxErrorIncrease = maxErrorIncrease
        self.maxSlowdown = maxSlowdown
        self.minRequests = minRequests
    }

    /// Whether the outgoing release is measured too.
    public var isRelative: Bool { maxErrorIncrease != nil || maxSlowdown != nil }

    /// How long it is watched at most.
    public var longestWindow: Duration { max(window, maxWindow ?? window * 3) }
}
