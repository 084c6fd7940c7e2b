// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Testing

@testable import HAProxyRouter

/// Environments that come to a running edge, change and go.
@Suite("Admitting an environment", .tags(.haproxy), .timeLimit(.minutes(5)))
struct EdgeAdmitTests {
    @Test("again reloads nothing")
    func again() async throws {
        try await EdgeHome.serving { edge, _ in
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            try await edge.router.admit(Sample.environment())
            #expect(try edge.files() == files)
            #expect(try await edge.epoch() == epoch)
        }
    }

    @Test("with another domain reloads nothing, and answers there and no longer where it was")
    func domain() async throws {
        try await EdgeHome.serving { edge, _ in
            let epoch = try await edge.epoch()
            try await edge.router.admit(Sample.environment(domain: "Moved.Test"))
            #expect(try await edge.epoch() == epoch)
            #expect(try await edge.ask(host: "moved.test").version == "r1")
            #expect(try await edge.ask(host: "shop.test").status == 404)
        }
    }

    @Test("keeps what others serve")
    func others() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            try await edge.router.admit(Sample.environment(Sample.staging, domain: "staging.test"))
            #expect(try await edge.ask().version == "r2")
            #expect(try await edge.ask(host: "staging.test").status == 503)
            #expect(try await edge.differences() == [])
        }
    }

    @Test("without a service that still has traffic keeps the service until its slot is placed anew")
    func serviceInUse() async throws {
        try await EdgeHome.use { edge in
            try await edge.router.start()
            let origin = try await edge.origin("r1")
            try await edge.router.admit(Sample.environment(Sample.production, Sample.web, Sample.api))
            try await edge.router.place(
                Sample.placement(
                    .blue,
                    "r1",
                    ports: [origin.port],
                    routes: ["/": Sample.web, "/api": Sample.api],
                )
            )
            try await edge.router.direct(.all(.blue), of: Sample.production)
            try await edge.router.admit(Sample.environment(Sample.production, Sample.web))
            #expect(try await edge.ask("/api").version == "r1")
            #expect(try await edge.ask("/").version == "r1")
        }
    }

    @Test("with fewer places keeps those that have instances")
    func placesInUse() async throws {
        try await EdgeHome.serving { edge, _ in
            let (one, two) = (try await edge.origin("r2"), try await edge.origin("r2"))
            try await edge.router.place(Sample.placement(.green, "r2", ports: [one.port, two.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            var smaller = Sample.environment()
            smaller.services[0].capacity = 1
            try await edge.router.admit(smaller)
            #expect(try await edge.router.observe(Sample.production)?.ports[.green] == [one.port, two.port])
        }
    }

    @Test("is refused when somebody else has its port, and changes nothing")
    func portTaken() async throws {
        try await EdgeHome.serving { edge, _ in
            let other = try await QuickOrigin.start(in: edge)
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            var staging = Sample.environment(Sample.staging, domain: nil)
            staging.services[0].port = other.port
            let failure = try await #require(throws: Failure.self) { try await edge.router.admit(staging) }
            #expect(failure.code == .portTaken)
            #expect(failure.message.contains("\(other.port)"))
            #expect(try edge.files() == files)
            #expect(try await edge.epoch() == epoch)
            #expect(try await edge.ask().version == "r1")
            #expect(try await edge.router.observe(Sample.staging) == nil)
        }
    }

    @Test("is refused when another environment has its port or its domain, and changes nothing")
    func claimed() async throws {
        try await EdgeHome.serving { edge, _ in
            let port = try FreePort.next()
            var production = Sample.environment()
            production.services[0].port = port
            try await edge.router.admit(production)
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            var samePort = Sample.environment(Sample.staging, domain: nil)
            samePort.services[0].port = port
            let byPort = try await #require(throws: Failure.self) { try await edge.router.admit(samePort) }
            #expect(byPort.code == .portTaken)
            #expect(byPort.message.contains("shop/production"))
            let sameDomain = Sample.environment(Sample.key("copy", "main"), domain: "SHOP.test")
            let byDomain = try await #require(throws: Failure.self) {
                try await edge.router.admit(sameDomain)
            }
            #expect(byDomain.code == .conflict)
            #expect(byDomain.message.contains("shop/production"))
            #expect(try edge.files() == files)
            #expect(try await edge.epoch() == epoch)
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test("is refused when HAProxy itself does not take it, and changes nothing")
    func refusedByHAProxy() async throws {
        try await EdgeHome.serving { edge, _ in
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            var staging = Sample.environment(Sample.staging, domain: nil)
            staging.services[0].port = 70_000
            let failure = try await #require(throws: Failure.self) { try await edge.router.admit(staging) }
            #expect(failure.code == .edgeFailed)
            #expect(failure.evidence.contains { $0.contains("70000") })
            #expect(try edge.files() == files)
            #expect(try await edge.epoch() == epoch)
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test("can be taken back, more than once, and done again")
    func remove() async throws {
        try await EdgeHome.serving { edge, origin in
            try await edge.router.remove(Sample.production)
            #expect(try await edge.ask().status == 404)
            #expect(try await edge.router.observe(Sample.production) == nil)
            let epoch = try await edge.epoch()
            try await edge.router.remove(Sample.production)
            #expect(try await edge.epoch() == epoch)
            try await edge.router.admit(Sample.environment())
            #expect(try await edge.ask().status == 503)
            try await edge.router.place(Sample.placement(.green, "r2", ports: [origin.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await edge.ask().version == "r1")
        }
    }
}
