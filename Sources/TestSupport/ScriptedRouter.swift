// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import FoundationEssentials

/// The edge of a scripted world.
public struct ScriptedRouter: TrafficRouter {
    let world: ScriptedWorld

    /// The edge of this world.
    public init(_ world: ScriptedWorld) {
        self.world = world
    }

    /// Forgets an environment.
    public func remove(_ environment: EnvironmentKey) async throws {
        try await world.act("remove \(environment)")
        world.change { $0.split[environment] = nil }
    }

    /// Fills a slot.
    public func place(_ placement: SlotPlacement) async throws {
        try await world.act("place \(placement.slot) \(placement.release)")
        world.change { facts in
            facts.placements[placement.environment, default: [:]][placement.slot] = placement
            if facts.split[placement.environment] == nil {
                facts.split[placement.environment] = TrafficSplit.none
            }
        }
    }

    /// Empties a slot.
    public func clear(_ slot: Slot, of environment: EnvironmentKey) async throws {
        try await world.act("clear \(slot)")
        world.change { $0.placements[environment]?[slot] = nil }
    }

    /// Moves traffic.
    public func direct(_ traffic: TrafficSplit, of environment: EnvironmentKey) async throws {
        try await world.act("direct \(traffic)")
        world.change { $0.split[environment] = traffic }
    }

    /// What it does.
    public func observe(_ environment: EnvironmentKey) async throws -> ObservedTraffic? {
        world.now.split[environment]
            .map { ObservedTraffic(split: $0, inFlight: [:], ports: [:], listens: []) }
    }

    /// What it does, as it was told.
    public func survey() async throws -> EdgeSurvey {
        EdgeSurvey(splits: world.now.split, deviations: world.now.deviations)
    }

    /// Done.
    public func realign() async throws {
        try await world.act("realign")
        world.change { $0.deviations = [:] }
    }

    /// As the world says.
    public func isSettled() async throws -> Bool { world.now.isSettled }

    /// What it has answered; some requests arrive whenever it is asked.
    public func counters(of environment: EnvironmentKey) async throws -> TrafficCounters {
        try await world.ask("counters")
        world.change { facts in
            guard let split = facts.split[environment] else { return }
            for slot in Slot.allCases where split.reaches(slot) {
                facts.totals[environment, default: [:]][slot, default: .init()].served +=
                    facts.arrivals.served
                facts.totals[environment, default: [:]][slot, default: .init()].failed +=
                    facts.arrivals.failed + (facts.failing[slot] ?? 0)
            }
        }
        return TrafficCounters(epoch: "1", slots: world.now.totals[environment] ?? [:])
    }

    /// As the world says.
    public func latency(
        of slot: Slot,
        in environment: EnvironmentKey,
        since: Date,
    ) async throws -> LatencySummary? {
        world.now.latencies[slot] ?? world.now.latency
    }
}
