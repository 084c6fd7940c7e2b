// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Testing

@testable import HAProxyRouter

/// Releases that come to a running edge and go, with addresses of their own.
@Suite("Placing a release", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgePlacementTests {
    @Test("again reloads nothing")
    func again() async throws {
        try await EdgeHome.serving { edge, blue in
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            try await edge.router.place(Sample.placement(.blue, "r1", ports: [blue.port]))
            #expect(try edge.files() == files)
            #expect(try await edge.epoch() == epoch)
        }
    }

    @Test(
        "with another domain: it is answered with its traffic, as the old one is until then; nothing is reloaded"
    )
    func domain() async throws {
        try await EdgeHome.serving { edge, _ in
            let (epoch, green) = (try await edge.epoch(), try await edge.origin("r2"))
            try await edge.router.place(
                Sample.placement(.green, "r2", ports: [green.port], domain: "Moved.Test")
            )
            #expect(try await edge.ask(host: "moved.test").status == 404)
            #expect(try await edge.ask(host: "shop.test").version == "r1")
            try await edge.router.direct(.shared(incoming: .green, percent: 50), of: Sample.production)
            #expect(try await edge.ask(host: "moved.test").status == 200)
            #expect(try await edge.ask(host: "shop.test").status == 200)
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await edge.ask(host: "moved.test").version == "r2")
            #expect(try await edge.ask(host: "shop.test").status == 404)
            try await edge.router.direct(.all(.blue), of: Sample.production)
            #expect(try await edge.ask(host: "moved.test").status == 404)
            #expect(try await edge.ask(host: "shop.test").version == "r1")
            #expect(try await edge.epoch() == epoch)
        }
    }

    @Test("with another port: it is answered with its traffic, as the old one is until then")
    func port() async throws {
        try await EdgeHome.serving { edge, blue in
            let (old, new) = (try FreePort.next(), try FreePort.next())
            let green = try await edge.origin("r2")
            try await edge.router.direct(.none, of: Sample.production)
            try await edge.router.place(
                Sample.placement(.blue, "r1", ports: [blue.port], listening: [Sample.web: old])
            )
            try await edge.router.direct(.all(.blue), of: Sample.production)
            try await edge.router.place(
                Sample.placement(.green, "r2", ports: [green.port], listening: [Sample.web: new])
            )
            func answers(_ port: Int) async throws -> String? {
                let answer = try await EdgeClient(port: port).ask()
                guard answer.status == 404 else { return answer.version }
                #expect(try answer.members() == ["title": "no service answers at this port"])
                return nil
            }
            #expect(try await answers(old) == "r1")
            #expect(try await answers(new) == nil)
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await answers(old) == nil)
            #expect(try await answers(new) == "r2")
            #expect(try await edge.router.observe(Sample.production)?.listens == [old, new])
            try await edge.router.clear(.blue, of: Sample.production)
            #expect(try await edge.router.observe(Sample.production)?.listens == [new])
            try await eventually("port \(old) is free") { LocalPorts.holder(of: old) == nil }
            #expect(try await answers(new) == "r2")
        }
    }

    @Test("is not settled after a reload until connections from before it have ended")
    func settled() async throws {
        try await EdgeHome.serving { edge, _ in
            #expect(try await edge.router.isSettled())
            try await EdgeClient(port: edge.settings.port)
                .converse { conversation in
                    try await conversation.say("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
                    _ = try await conversation.hear("ok r1\n")
                    try await edge.router.place(Self.staging(domain: "staging.test"))
                    #expect(try await !edge.router.isSettled())
                    // Answered as the edge was: it knew no staging then.
                    try await conversation.say("GET / HTTP/1.1\r\nHost: staging.test\r\n\r\n")
                    #expect(try await conversation.hear("\r\n\r\n").contains(" 404 "))
                }
            try await eventually("the old worker has ended") { try await edge.router.isSettled() }
        }
    }

    @Test("keeps what others serve")
    func others() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            try await edge.router.place(Self.staging(domain: "staging.test"))
            #expect(try await edge.ask().version == "r2")
            #expect(try await edge.ask(host: "staging.test").status == 503)
            #expect(try await edge.differences() == [])
        }
    }

    @Test("without a service that still has traffic keeps the service until its slot is cleared")
    func serviceInUse() async throws {
        try await EdgeHome.serving { edge, blue in
            try await edge.router.direct(.none, of: Sample.production)
            let routes = ["/": Sample.web, "/api": Sample.api]
            try await edge.router.place(Sample.placement(.blue, "r1", ports: [blue.port], routes: routes))
            try await edge.router.direct(.all(.blue), of: Sample.production)
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            #expect(try await edge.ask("/api").version == "r1")
            #expect(try await edge.ask("/").version == "r1")
            try await edge.router.direct(.all(.green), of: Sample.production)
            try await edge.router.clear(.blue, of: Sample.production)
            #expect(try await edge.ask("/api").version == "r2")
            #expect(try await edge.differences() == [])
        }
    }

    @Test("with fewer instances keeps the places of those that serve")
    func placesInUse() async throws {
        try await EdgeHome.serving { edge, _ in
            let (one, two) = (try await edge.origin("r2"), try await edge.origin("r2"))
            try await edge.router.place(Sample.placement(.green, "r2", ports: [one.port, two.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            try await edge.router.place(Sample.placement(.blue, "r3", ports: [one.port]))
            #expect(try await edge.router.observe(Sample.production)?.ports[.green] == [one.port, two.port])
        }
    }

    @Test("is refused in a slot that has traffic, as clearing it is")
    func hasTraffic() async throws {
        try await EdgeHome.serving { edge, _ in
            let (files, router) = (try edge.files(), edge.router)
            for attempt: () async throws -> Void in [
                { try await router.place(Sample.placement(.blue, "r9", ports: [1])) },
                { try await router.clear(.blue, of: Sample.production) },
            ] {
                let failure = try await #require(throws: Failure.self) { try await attempt() }
                #expect(failure.code == .edgeFailed)
                #expect(failure.message.contains("has traffic"))
            }
            #expect(try edge.files() == files)
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test("is refused when somebody else has its port, and changes nothing")
    func portTaken() async throws {
        try await EdgeHome.serving { edge, _ in
            let other = try await QuickOrigin.start(in: edge)
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            let staging = Self.staging(port: other.port)
            let failure = try await #require(throws: Failure.self) { try await edge.router.place(staging) }
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
            // Neither has traffic: they are claimed all the same.
            try await edge.router.place(
                Sample.placement(.green, "r2", ports: [1], domain: "new.test", listening: [Sample.web: port])
            )
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            let byPort = try await #require(throws: Failure.self) {
                try await edge.router.place(Self.staging(port: port))
            }
            #expect(byPort.code == .portTaken)
            #expect(byPort.message.contains("shop/production"))
            for domain in ["SHOP.test", "new.test"] {
                let byDomain = try await #require(throws: Failure.self) {
                    try await edge.router.place(Self.staging(domain: domain))
                }
                #expect(byDomain.code == .conflict)
                #expect(byDomain.message.contains("shop/production"))
            }
            #expect(try edge.files() == files)
            #expect(try await edge.epoch() == epoch)
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test("is refused when HAProxy itself does not take it, and changes nothing")
    func refusedByHAProxy() async throws {
        try await EdgeHome.serving { edge, _ in
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            let failure = try await #require(throws: Failure.self) {
                try await edge.router.place(Self.staging(port: 70_000))
            }
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
            try await edge.router.clear(.blue, of: Sample.production)
            #expect(try await edge.epoch() == epoch)
            try await edge.router.place(Sample.placement(.green, "r2", ports: [origin.port]))
            #expect(try await edge.ask().status == 503)
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test("and clearing it leaves nothing of an environment that has no other")
    func clearLast() async throws {
        try await EdgeHome.serving { edge, _ in
            let port = try FreePort.next()
            try await edge.router.place(Self.staging(domain: "staging.test", port: port))
            #expect(try await edge.ask(host: "staging.test").status == 503)
            for _ in 0..<2 { try await edge.router.clear(.blue, of: Sample.staging) }
            #expect(try await edge.ask(host: "staging.test").status == 404)
            #expect(try await edge.router.observe(Sample.staging) == nil)
            #expect(try await edge.ask().version == "r1")
        }
    }

    private static func staging(domain: String? = nil, port: Int? = nil) -> SlotPlacement {
        let listening = port.map { [Sample.web: $0] } ?? [:]
        return Sample.placement(
            .blue,
            "s1",
            ports: [1],
            of: Sample.staging,
            domain: domain,
            listening: listening,
        )
    }
}
