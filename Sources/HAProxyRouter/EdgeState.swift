// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// Everything that the edge shall do: the one value that its configuration, maps and runtime commands are made from.
struct EdgeState: Hashable, Sendable, Codable {
    /// One environment at the edge.
    struct Environment: Hashable, Sendable, Codable {
        var environment: EdgeEnvironment
        var split: TrafficSplit
        var placements: [Slot: SlotPlacement]
    }

    /// By environment, in order of their names.
    var environments: [Environment] = []

    /// The environment with this key.
    subscript(key: EnvironmentKey) -> Environment? {
        get { environments.first { $0.environment.key == key } }
        set {
            environments.removeAll { $0.environment.key == key }
            if let newValue { environments.append(newValue) }
            environments.sort { $0.environment.key < $1.environment.key }
        }
    }

    /// Throws `conflict` when the domain, or `port-taken` when a port of this environment is another one's.
    ///
    /// HAProxy would take both: of two with one domain the last has its traffic, and two frontends on one port share the
    /// connections by chance.
    func checkClaims(of environment: EdgeEnvironment) throws(Failure) {
        let (domain, ports) = (environment.domain?.lowercased(), environment.services.compactMap(\.port))
        for other in environments.map(\.environment) where other.key != environment.key {
            if let domain, other.domain?.lowercased() == domain {
                throw Failure(
                    .conflict,
                    "the domain \(domain) is that of \(other.key)",
                    hint: "give \(environment.key) another domain in opshub.yml",
                )
            }
            let taken = Set(other.services.compactMap(\.port))
            if let port = ports.first(where: taken.contains) {
                throw Failure(
                    .portTaken,
                    "port \(port) is that of \(other.key)",
                    hint: "give \(environment.key) another port in opshub.yml",
                )
            }
        }
    }
}
