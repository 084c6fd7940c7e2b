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

    private let environments: [EdgeEnvironment]
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        var environments: [EdgeEnvironment] = []
        for number in 0..<Int.random(in: 1...3, using: &generator) {
            let names = Self.services.prefix(Int.random(in: 1...3, using: &generator))
            var services: [EdgeService] = []
            for name in names {
                let capacity = Int.random(in: 1...3, using: &generator)
                services.append(EdgeService(name: name, port: nil, capacity: capacity))
            }
            let key = Sample.key("shop", "env\(number)")
            environments.append(EdgeEnvironment(key: key, domain: nil, services: services))
        }
        self.environments = environments
    }

    /// The next edge.
    mutating func next() -> EdgeState {
        var state = EdgeState()
        for var environment in environments {
            let hasDomain = Bool.random(using: &generator)
            environment.domain = hasDomain ? "\(environment.key.environment).test" : nil
            var placements: [Slot: SlotPlacement] = [:]
            for slot in Slot.allCases { placements[slot] = placement(slot, of: environment) }
            let split = split(Set(placements.keys))
            state[environment.key] = .init(environment: environment, split: split, placements: placements)
        }
        return state
    }

    private mutating func placement(_ slot: Slot, of environment: EdgeEnvironment) -> SlotPlacement? {
        guard Int.random(in: 0..<4, using: &generator) > 0 else { return nil }
        var instances: [ServiceName: [Int]] = [:]
        let placed = environment.services.shuffled(using: &generator)
            .prefix(Int.random(in: 1...environment.services.count, using: &generator))
        for service in placed {
            let count = Int.random(in: 1...service.capacity, using: &generator)
            instances[service.name] = (0..<count)
                .map { _ in Int.random(in: 20_000...20_050, using: &generator) }
        }
        var routes: [String: ServiceName] = [:]
        for prefix in ["/"] + Self.prefixes.shuffled(using: &generator).prefix(2) {
            routes[prefix] = placed.randomElement(using: &generator)?.name
        }
        return SlotPlacement(
            environment: environment.key,
            slot: slot,
            release: ReleaseID("r\(Int.random(in: 1...9, using: &generator))"),
            instances: instances,
            routes: routes,
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
