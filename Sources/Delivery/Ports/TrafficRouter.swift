// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// The edge: holds the public addresses and decides which release answers.
///
/// Runs on when the control plane does not.
public protocol TrafficRouter: Sendable {
    /// Makes the edge know an environment: its domain, ports and services. The only call that may reload the edge,
    /// and it does so only when something of that differs. Loses no request. Idempotent.
    func admit(_ environment: EdgeEnvironment) async throws

    /// Makes the edge forget an environment. Idempotent.
    func remove(_ environment: EnvironmentKey) async throws

    /// Says where a slot's instances listen and what its routes are. The slot must not hold traffic. Idempotent.
    func place(_ placement: SlotPlacement) async throws

    /// Directs new requests, also those on connections that are already open. One runtime command when all traffic
    /// goes to one slot. Idempotent.
    ///
    /// - Throws: `edge-failed`, and then traffic is where it was.
    func direct(_ traffic: TrafficSplit, of environment: EnvironmentKey) async throws

    /// What the running edge does, read from it and not from memory; nil when it does not know the environment.
    func observe(_ environment: EnvironmentKey) async throws -> ObservedTraffic?

    /// What each slot has answered since the edge's process started.
    func counters(of environment: EnvironmentKey) async throws -> TrafficCounters

    /// Latency of what a slot answered since a moment; nil when nothing was recorded.
    func latency(of slot: Slot, in environment: EnvironmentKey, since: Date) async throws -> LatencySummary?
}
