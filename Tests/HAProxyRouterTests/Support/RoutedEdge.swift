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
        try await home.router.place(
            SlotPlacement(
                environment: Sample.production,
                slot: .blue,
                release: ReleaseID("r1"),
                instances: instances,
                routes: ["/": web, "/api": api, "/api/v2": v2],
                domain: "shop.test",
                ports: [web: webPort],
            )
        )
        try await home.router.place(
            Sample.placement(
                .blue,
                "r3",
                ports: [1],
                of: Sample.staging,
                domain: "staging.shop.test",
                listening: [web: stagingPort],
            )
        )
        let docs = Sample.key("docs", "main")
        try await home.router.place(
            Sample.placement(
                .green,
                "r7",
                ports: instances[web, default: []],
                routes: ["/docs": web],
                of: docs,
                domain: "docs.test",
            )
        )
        try await home.router.direct(.all(.blue), of: Sample.production)
        try await home.router.direct(.all(.green), of: docs)
    }
}
