// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

@testable import HAProxyRouter

/// Values that tests have in common.
enum Sample {
    static let production = key("shop", "production")
    static let staging = key("shop", "staging")
    static let web = ServiceName("web")
    static let api = ServiceName("api")
    static let settings = EdgeSettings(folder: "/home/edge", port: 8080)

    static func key(_ project: String, _ environment: String) -> EnvironmentKey {
        EnvironmentKey(ProjectName(project), EnvironmentName(environment))
    }

    /// A release in a slot whose only service answers everything; production at `shop.test`.
    static func placement(
        _ slot: Slot,
        _ release: String,
        ports: [Int],
        routes: [String: ServiceName] = ["/": web],
        of key: EnvironmentKey = production,
        domain: String? = nil,
        listening: [ServiceName: Int] = [:],
    ) -> SlotPlacement {
        let services = Set(routes.values)
        return SlotPlacement(
            environment: key,
            slot: slot,
            release: ReleaseID(release),
            instances: Dictionary(uniqueKeysWithValues: services.map { ($0, ports) }),
            routes: routes,
            domain: domain ?? (key == production ? "shop.test" : nil),
            ports: listening,
        )
    }

    /// An edge that knows one environment, with both slots placed.
    static func state(_ split: TrafficSplit, blue: [Int] = [20_001], green: [Int] = [20_101]) -> EdgeState {
        EdgeState(environments: [
            .init(
                key: production,
                split: split,
                placements: [
                    .blue: placement(.blue, "r1", ports: blue),
                    .green: placement(.green, "r2", ports: green),
                ],
            )
        ])
    }
}
