// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// Names of things in the edge's configuration.
///
/// Project, environment and service names have no dots, so that nothing can be mistaken for something else.
enum EdgeName {
    /// Where an environment's traffic can go: one of its slots, both, or none for a while.
    enum Lane: String, CaseIterable {
        case blue
        case green
        case mixed
        case closed

        init(_ slot: Slot) {
            self = slot == .blue ? .blue : .green
        }

        /// The slots whose servers are in it.
        var slots: [Slot] {
            switch self {
            case .blue: [.blue]
            case .green: [.green]
            case .mixed: Slot.allCases
            case .closed: []
            }
        }

        /// Those that lead to servers.
        static let serving = allCases.filter { !$0.slots.isEmpty }
    }

    static func environment(_ key: EnvironmentKey) -> String { "\(key.project).\(key.environment)" }

    static func backend(_ key: EnvironmentKey, _ lane: Lane, _ service: ServiceName) -> String {
        "\(environment(key)).\(lane.rawValue).\(service)"
    }

    static func server(_ slot: Slot, _ replica: Int) -> String { "\(slot)-\(replica)" }

    /// Key of a path prefix in the route map; a prefix matches whole path segments only.
    static func route(_ key: EnvironmentKey, _ lane: Lane, _ prefix: String) -> String {
        self.lane(key, lane) + (prefix.hasSuffix("/") ? prefix : prefix + "/")
    }

    /// Key of a port in the route map.
    static func route(_ key: EnvironmentKey, _ lane: Lane, _ port: Int) -> String {
        "\(self.lane(key, lane)):\(port)/"
    }

    /// What the active map says, and key of a slot's lane in the release map.
    static func lane(_ key: EnvironmentKey, _ lane: Lane) -> String { "\(environment(key))/\(lane.rawValue)" }
}
