// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// The edge: holds the public addresses and decides which release answers.
///
/// Runs on when the control plane does not.
public protocol TrafficRouter: Sendable {
    /// Says what is in a slot. The slot must not hold traffic, and nothing changes for anyone who asks: domain, routes
    /// and ports are the release's own, and begin to be answered with its traffic. Reloads the edge when it needs a
    /// port, a service or more places than are there; loses no request. Idempotent.
    ///
    /// - Throws: `conflict` when another environment has its domain, `port-taken` when anybody has one of its ports,
    ///   `edge-failed`; nothing has changed then.
    func place(_ placement: SlotPlacement) async throws

    /// Forgets what was in a slot, and gives up what only that needed. The slot must not hold traffic. Idempotent.
    func clear(_ slot: Slot, of environment: EnvironmentKey) async throws

    /// Makes the edge forget an environment. Idempotent.
    func remove(_ environment: EnvironmentKey) async throws

    /// Directs new requests, also those on connections that are already open. One runtime command when all traffic
    /// goes to one slot. Idempotent.
    ///
    /// - Throws: `edge-failed`, and then traffic is where it was.
    func direct(_ traffic: TrafficSplit, of environment: EnvironmentKey) async throws

    /// What the running edge does, read from it and not from memory; nil when it does not know the environment.
    func observe(_ environment: EnvironmentKey) async throws -> ObservedTraffic?

    /// What the running edge does for all environments, and where it is not what it was told.
    func survey() async throws -> EdgeSurvey

    /// Makes the running edge do what it was told, where somebody has changed it. Idempotent; loses no request.
    func realign() async throws

    /// Whether every request is answered by the edge as it is now. For some time after a reload it is not: connections
    /// that were open then are answered as the edge was, until they end.
    func isSettled() async throws -> Bool

    /// What each slot has answered since the edge's process started.
    func counters(of environment: EnvironmentKey) async throws -> TrafficCounters

    /// Latency of what a slot answered since a moment; nil when nothing was recorded.
    func latency(of slot: Slot, in environment: EnvironmentKey, since: Date) async throws -> LatencySummary?
}
