// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// Everything that changes at the running edge without a reload: maps, and the servers of backends.
struct EdgeTables: Hashable, Sendable {
    /// A map file.
    enum Map: String, Hashable, Sendable, CaseIterable {
        /// Host name → environment.
        case hosts
        /// Environment → environment and lane.
        case active
        /// Environment, lane and path prefix, or port → backend.
        case routes
        /// Environment and slot → release.
        case releases
    }

    /// One place for an instance in a backend.
    struct Server: Hashable, Sendable {
        /// The instance's loopback port; nil when the place is empty.
        var port: Int?
        /// 0…256; nil where nothing is shared, so that moving all traffic touches no weight.
        var weight: Int?
    }

    /// Entries by map.
    var maps: [Map: [String: String]] = [:]
    /// By `backend/server`.
    var servers: [String: Server] = [:]
}

extension EdgeTables {
    /// What the running edge must hold for a state.
    init(_ state: EdgeState) {
        for map in Map.allCases { maps[map] = [:] }
        for environment in state.environments { add(environment) }
    }

    /// Where an environment's traffic goes.
    func lane(of key: EnvironmentKey) -> EdgeName.Lane? {
        EdgeName.Lane.allCases.first { maps[.active]?[EdgeName.environment(key)] == EdgeName.lane(key, $0) }
    }

    private mutating func add(_ environment: EdgeState.Environment) {
        let key = environment.key
        for domain in environment.domains { maps[.hosts]?[domain] = EdgeName.environment(key) }
        if let lane = Self.lane(environment.split) {
            maps[.active]?[EdgeName.environment(key)] = EdgeName.lane(key, lane)
        }
        for (slot, placement) in environment.placements {
            maps[.releases]?[EdgeName.lane(key, EdgeName.Lane(slot))] = placement.release.rawValue
            addRoutes(of: placement, in: EdgeName.Lane(slot))
        }
        // While two releases share traffic, a path that only one of them knows goes on being answered.
        for slot in mixedOrder(environment.split) {
            if let placement = environment.placements[slot] { addRoutes(of: placement, in: .mixed) }
        }
        for lane in EdgeName.Lane.serving {
            for (service, capacity) in environment.capacities {
                addServers(service, capacity, lane, environment)
            }
        }
    }

    private static func lane(_ split: TrafficSplit) -> EdgeName.Lane? {
        switch split {
        case .none: nil
        case .closed: .closed
        case .all(let slot): EdgeName.Lane(slot)
        case .shared: .mixed
        }
    }

    /// The incoming slot last, so that its routes win.
    ///
    /// While nothing is shared the order is always the same, so that moving all traffic changes no route.
    private func mixedOrder(_ split: TrafficSplit) -> [Slot] {
        switch split {
        case .none, .closed, .all: Slot.allCases
        case .shared(let incoming, _): [incoming.other, incoming]
        }
    }

    private mutating func addRoutes(of placement: SlotPlacement, in lane: EdgeName.Lane) {
        let key = placement.environment
        for (prefix, service) in placement.routes {
            maps[.routes]?[EdgeName.route(key, lane, prefix)] = EdgeName.backend(key, lane, service)
        }
        for (service, port) in placement.ports {
            maps[.routes]?[EdgeName.route(key, lane, port)] = EdgeName.backend(key, lane, service)
        }
    }

    private mutating func addServers(
        _ service: ServiceName,
        _ capacity: Int,
        _ lane: EdgeName.Lane,
        _ environment: EdgeState.Environment,
    ) {
        let backend = EdgeName.backend(environment.key, lane, service)
        for slot in lane.slots {
            let ports = environment.placements[slot]?.instances[service] ?? []
            let weight = lane == .mixed ? Self.weight(of: slot, in: environment, service) : nil
            for replica in 1...max(1, capacity) {
                let port = replica <= ports.count ? ports[replica - 1] : nil
                servers["\(backend)/\(EdgeName.server(slot, replica))"] = Server(port: port, weight: weight)
            }
        }
    }

    /// Weights of single servers so that the slots get their shares however many instances each has; nil when nothing
    /// is shared.
    private static func weight(
        of slot: Slot,
        in environment: EdgeState.Environment,
        _ service: ServiceName,
    ) -> Int? {
        guard case .shared(let incoming, let percent) = environment.split else { return nil }
        func share(_ slot: Slot) -> Double {
            let instances = environment.placements[slot]?.instances[service]?.count ?? 0
            return Double(slot == incoming ? percent : 100 - percent) / Double(max(1, instances))
        }
        let largest = max(share(incoming), share(incoming.other))
        return max(1, Int((256 * share(slot) / largest).rounded()))
    }
}
