// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// An edge with several environments, lent to all tests of a suite that only ask.
///
/// * shop/production at shop.test, and its web at a port of its own: web, api and v2, blue
/// * shop/staging at staging.shop.test and a port of its own: nothing deployed
/// * docs/main at docs.test: no service for `/`
struct RoutedEdge: Sendable {
    @TaskLocal private static var lent: RoutedEdge?

    let home: EdgeHome
    /// Where the web of shop/production answers, whatever the host.
    let webPort: Int
    /// Where the web of shop/staging answers.
    let stagingPort: Int

    /// The one of this suite.
    static var current: RoutedEdge {
        get throws { try #require(lent, "the suite has no edge") }
    }

    /// Lends an edge while `body` runs.
    static func lend(while body: @Sendable () async throws -> Void) async throws {
        try await EdgeHome.use { home in
            let edge = RoutedEdge(home: home, webPort: try FreePort.next(), stagingPort: try FreePort.next())
            try await home.router.start()
            try await edge.fill()
            try await $lent.withValue(edge) { try await body() }
        }
    }

    private func fill() async throws {
        let (web, api, v2) = (ServiceName("web"), ServiceName("api"), ServiceName("v2"))
        var instances: [ServiceName: [Int]] = [:]
        for name in [web, api, v2] { instances[name] = [try await home.origin(name.rawValue).port] }
        var shop = Sample.environment(Sample.production, web, api, v2)
        shop.services[0].port = webPort
        var staging = Sample.environment(Sample.staging, domain: "staging.shop.test", web)
        staging.services[0].port = stagingPort
        let docs = Sample.environment(Sample.key("docs", "main"), domain: "docs.test", web)
        for environment in [shop, staging, docs] { try await home.router.admit(environment) }
        try await home.router.place(
            SlotPlacement(
                environment: shop.key,
                slot: .blue,
                release: ReleaseID("r1"),
                instances: instances,
                routes: ["/": web, "/api": api, "/api/v2": v2],
            )
        )
        try await home.router.place(
            SlotPlacement(
                environment: docs.key,
                slot: .green,
                release: ReleaseID("r7"),
                instances: [web: instances[web, default: []]],
                routes: ["/docs": web],
            )
        )
        try await home.router.direct(.all(.blue), of: shop.key)
        try await home.router.direct(.all(.green), of: docs.key)
    }
}
