// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// Everything that the edge shall do: the one value that its configuration, maps and runtime commands are made from.
struct EdgeState: Hashable, Sendable, Codable {
    /// One environment at the edge.
    struct Environment: Hashable, Sendable, Codable {
        let key: EnvironmentKey
        var split = TrafficSplit.none
        var placements: [Slot: SlotPlacement] = [:]
    }

    /// By environment, in order of their names.
    var environments: [Environment] = []

    /// The environment with this key.
    subscript(key: EnvironmentKey) -> Environment? {
        get { environments.first { $0.key == key } }
        set {
            environments.removeAll { $0.key == key }
            if let newValue { environments.append(newValue) }
            environments.sort { $0.key < $1.key }
        }
    }

    /// Throws `conflict` when the domain, or `port-taken` when a port of a placement is another environment's.
    ///
    /// HAProxy would take both: of two with one domain the last has its traffic, and two frontends on one port share the
    /// connections by chance.
    func checkClaims(of placement: SlotPlacement) throws(Failure) {
        let key = placement.environment
        for other in environments where other.key != key {
            if let domain = placement.domain?.lowercased(), other.claims.contains(domain) {
                throw Failure(
                    .conflict,
                    "the domain \(domain) is that of \(other.key)",
                    hint: "give \(key) another domain in opshub.yml",
                )
            }
            if let port = placement.ports.values.sorted().first(where: other.ports.contains) {
                throw Failure(
                    .portTaken,
                    "port \(port) is that of \(other.key)",
                    hint: "give \(key) another port in opshub.yml",
                )
            }
        }
    }
}

extension EdgeState {
    /// What others know of an edge that has lost its state.
    init(_ traffic: [EnvironmentTraffic]) {
        for one in traffic {
            let placements = Dictionary(one.placements.map { ($0.slot, $0) }) { first, _ in first }
            self[one.environment] = Environment(
                key: one.environment,
                split: one.split,
                placements: placements,
            )
        }
    }
}

extension EdgeState.Environment {
    /// How many places each service needs in a slot: as many as the slot with most instances has.
    var capacities: [ServiceName: Int] {
        placements.values.reduce(into: [:]) { capacities, placement in
            for (service, ports) in placement.instances {
                capacities[service] = max(capacities[service] ?? 0, ports.count)
            }
        }
    }

    /// Whether clients stay with a release while two share the traffic.
    var isSticky: Bool { placements.values.contains(where: \.isSticky) }

    /// Every port where the edge listens for it.
    var ports: Set<Int> { Set(placements.values.flatMap(\.ports.values)) }

    /// Domains that lead here: of the releases that have traffic, or, while none has, of all.
    var domains: Set<String> {
        let reached = placements.filter { split.reaches($0.key) }
        return Self.domains(of: reached.isEmpty ? placements : reached)
    }

    /// Domains that no other environment may have.
    fileprivate var claims: Set<String> { Self.domains(of: placements) }

    private static func domains(of placements: [Slot: SlotPlacement]) -> Set<String> {
        Set(placements.values.compactMap { $0.domain?.lowercased() })
    }
}
