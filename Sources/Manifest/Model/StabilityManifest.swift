// SPDX-License-Identifier: Apache-2.0

/// `stability:` of an environment: the budget that real traffic and probes must keep after the switch.
public struct StabilityManifest: Hashable, Sendable, Codable {
    /// What becomes of a release of which too little was seen to judge it.
    public enum Inconclusive: String, Hashable, Sendable, Codable, CaseIterable {
        /// Traffic returns.
        case undo
        /// A person decides; meanwhile it is watched on.
        case ask
    }

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
    /// How often an instance may stop answering its health check and begin again; 2 by default.
    public var maxFlaps: Int
    /// By which part an instance's memory may grow within the window: 0.5 is half as much again.
    ///
    /// Nil: not looked at.
    public var maxMemoryGrowth: Double?
    /// What becomes of a release of which too little was seen; traffic returns by default.
    public var inconclusive: Inconclusive

    /// Describes a budget.
    public init(
        window: Duration = .seconds(30),
        maxWindow: Duration? = nil,
        maxErrorRate: Double = 0.01,
        maxP99: Duration? = nil,
        maxErrorIncrease: Double? = nil,
        maxSlowdown: Double? = nil,
        minRequests: Int = 10,
        maxFlaps: Int = 2,
        maxMemoryGrowth: Double? = nil,
        inconclusive: Inconclusive = .undo,
    ) {
        self.window = window
        self.maxWindow = maxWindow
        self.maxErrorRate = maxErrorRate
        self.maxP99 = maxP99
        self.maxErrorIncrease = maxErrorIncrease
        self.maxSlowdown = maxSlowdown
        self.minRequests = minRequests
        self.maxFlaps = maxFlaps
        self.maxMemoryGrowth = maxMemoryGrowth
        self.inconclusive = inconclusive
    }

    /// Whether the outgoing release is measured too.
    public var isRelative: Bool { maxErrorIncrease != nil || maxSlowdown != nil }

    /// How long it is watched at most.
    public var longestWindow: Duration { max(window, maxWindow ?? window * 3) }
}
