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
}
