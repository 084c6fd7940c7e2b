// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import TestSupport

@testable import HAProxyRouter

/// Edges that could be, drawn from a seed: always the same environments and services, so that no reload is needed from
/// one to another, and everything else as chance has it.
struct RandomEdge {
    private static let services = ["web", "api", "jobs"].map { ServiceName($0) }
    private static let prefixes = ["/", "/api", "/api/v2", "/admin"]

    private let environments: [EnvironmentKey: [ServiceName: Int]]
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        var environments: [EnvironmentKey: [ServiceName: Int]] = [:]
        for number in 0..<Int.random(in: 1...3, using: &generator) {
            var capacities: [ServiceName: Int] = [:]
            for name in Self.services.prefix(Int.random(in: 1...3, using: &generator)) {
                capacities[name] = Int.random(in: 1...3, using: &generator)
            }
            environments[Sample.key("shop", "env\(number)")] = capacities
        }
        self.environments = environments
    }

    /// The next edge.
    ///
    /// One slot of each environment holds as much as fits, so that the places are always the same.
    mutating func next() -> EdgeState {
        var state = EdgeState()
        for (key, capacities) in environments.sorted(by: { $0.key < $1.key }) {
            let full: Slot = Bool.random(using: &generator) ? .blue : .green
            var placements = [full: placement(full, of: key, capacities)]
            if Int.random(in: 0..<4, using: &generator) > 0 {
                placements[full.other] = placement(full.other, of: key, fewer(capacities))
            }
            let split = split(Set(placements.keys))
            state[key] = .init(key: key, split: split, placements: placements)
        }
        return state
    }

    private mutating func fewer(_ capacities: [ServiceName: Int]) -> [ServiceName: Int] {
        let names = capacities.keys.sorted().shuffled(using: &generator)
        var fewer: [ServiceName: Int] = [:]
        for name in names.prefix(Int.random(in: 1...names.count, using: &generator)) {
            fewer[name] = Int.random(in: 1...(capacities[name] ?? 1), using: &generator)
        }
        return fewer
    }

    private mutating func placement(
        _ slot: Slot,
        of key: EnvironmentKey,
        _ counts: [ServiceName: Int],
    ) -> SlotPlacement {
        var instances: [ServiceName: [Int]] = [:]
        for (service, count) in counts.sorted(by: { $0.key < $1.key }) {
            instances[service] = (0..<count).map { _ in Int.random(in: 20_000...20_050, using: &generator) }
        }
        var routes: [String: ServiceName] = [:]
        for prefix in ["/"] + Self.prefixes.shuffled(using: &generator).prefix(2) {
            routes[prefix] = instances.keys.sorted().randomElement(using: &generator)
        }
        let domain = ["one", "two", nil].randomElement(using: &generator) ?? nil
        return SlotPlacement(
            environment: key,
            slot: slot,
            release: ReleaseID("r\(Int.random(in: 1...9, using: &generator))"),
            instances: instances,
            routes: routes,
            domain: domain.map { "\($0).\(key.environment).test" },
        )
    }

    /// Any split that reaches nothing but placed slots.
    private mutating func split(_ placed: Set<Slot>) -> TrafficSplit {
        var possible: [TrafficSplit] = [.none]
        for slot in Slot.allCases where placed.contains(slot) { possible += [.all(slot), .all(slot)] }
        if placed.count == 2 {
            for slot in Slot.allCases {
                possible.append(.shared(incoming: slot, percent: Int.random(in: 1...99, using: &generator)))
            }
        }
        return possible.randomElement(using: &generator) ?? .none
    }
}
