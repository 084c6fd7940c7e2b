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

    /// An environment with these services, two places in each slot.
    static func environment(
        _ key: EnvironmentKey = production,
        domain: String? = "shop.test",
        _ services: ServiceName...,
    ) -> EdgeEnvironment {
        EdgeEnvironment(
            key: key,
            domain: domain,
            services: (services.isEmpty ? [web] : services)
                .map { EdgeService(name: $0, port: nil, capacity: 2) },
        )
    }

    /// A release in a slot whose only service answers everything.
    static func placement(
        _ slot: Slot,
        _ release: String,
        ports: [Int],
        routes: [String: ServiceName] = ["/": web],
        of key: EnvironmentKey = production,
    ) -> SlotPlacement {
        let services = Set(routes.values)
        return SlotPlacement(
            environment: key,
            slot: slot,
            release: ReleaseID(release),
            instances: Dictionary(uniqueKeysWithValues: services.map { ($0, ports) }),
            routes: routes,
        )
    }

    /// An edge that knows one environment, with both slots placed.
    static func state(_ split: TrafficSplit, blue: [Int] = [20_001], green: [Int] = [20_101]) -> EdgeState {
        EdgeState(environments: [
            .init(
                environment: environment(),
                split: split,
                placements: [
                    .blue: placement(.blue, "r1", ports: blue),
                    .green: placement(.green, "r2", ports: green),
                ],
            )
        ])
    }
}
