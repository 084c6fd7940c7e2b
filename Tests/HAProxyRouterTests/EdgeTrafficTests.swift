// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// Placing releases and sending traffic to them.
@Suite("Traffic of an environment", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeTrafficTests {
    @Test("stays where it is when a release is placed, and goes where it is directed, without a reload")
    func switches() async throws {
        try await EdgeHome.serving { edge, blue in
            let (green, epoch) = (try await edge.origin("r2"), try await edge.epoch())
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            #expect(try await edge.ask().version == "r1")
            var observed = try #require(try await edge.router.observe(Sample.production))
            #expect(observed.split == .all(.blue))
            #expect(observed.ports == [.blue: [blue.port], .green: [green.port]])
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await edge.ask().version == "r2")
            observed = try #require(try await edge.router.observe(Sample.production))
            #expect(observed.split == .all(.green))
            #expect(observed.inFlight == [.blue: 0, .green: 0])
            try await edge.router.direct(.all(.blue), of: Sample.production)
            #expect(try await edge.ask().version == "r1")
            #expect(try await edge.epoch() == epoch)
        }
    }

    @Test("moves also on a connection that is open")
    func openConnection() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await EdgeClient(port: edge.settings.port)
                .converse { conversation in
                    try await conversation.say("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
                    _ = try await conversation.hear("ok r1\n")
                    try await edge.router.direct(.all(.green), of: Sample.production)
                    try await conversation.say("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
                    _ = try await conversation.hear("ok r2\n")
                }
        }
    }

    /// One command moves the traffic, and the edge holds nothing else that it should not.
    @Test("leaves nothing to be done after any order")
    func nothingLeft() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            #expect(try await edge.differences() == [])
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            #expect(try await edge.differences() == [])
            for split in [
                TrafficSplit.all(.green), .shared(incoming: .green, percent: 30), .all(.blue),
                .shared(incoming: .blue, percent: 1), .closed, .none,
            ] {
                try await edge.router.direct(split, of: Sample.production)
                #expect(try await edge.differences() == [], "\(split)")
                #expect(try await edge.router.observe(Sample.production)?.split == split)
            }
        }
    }

    @Test(
        "is nobody's in maintenance: each request is told so and when to ask again, by host and by port, without a reload"
    )
    func closed() async throws {
        try await EdgeHome.serving { edge, blue in
            let epoch = try await edge.epoch()
            try await edge.router.direct(.closed, of: Sample.production)
            for path in ["/", "/api/1"] {
                let answer = try await edge.ask(path)
                #expect(answer.status == 503)
                #expect(try answer.members() == ["title": "closed for maintenance"])
                #expect(answer.headers["retry-after"] == ["10"] && answer.headers["x-opshub-edge"] != nil)
            }
            #expect(try await edge.ask(host: "unknown.test").status == 404)
            // What is placed meanwhile changes nothing about it.
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            #expect(try await edge.ask().status == 503)
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await edge.ask().version == "r2")
            #expect(try await edge.epoch() == epoch)
        }
    }

    @Test("is shared as told, request by request", arguments: [10, 25, 50, 90])
    func shared(percent: Int) async throws {
        try await EdgeHome.serving { edge, _ in
            let (one, two) = (try await edge.origin("r2"), try await edge.origin("r2"))
            try await edge.router.place(Sample.placement(.green, "r2", ports: [one.port, two.port]))
            try await edge.router.direct(.shared(incoming: .green, percent: percent), of: Sample.production)
            var green = 0
            for _ in 0..<200 where try await edge.ask().version == "r2" { green += 1 }
            #expect(abs(green - 2 * percent) <= 6, "\(green) of 200")
            try await edge.router.direct(.all(.blue), of: Sample.production)
            for _ in 0..<10 { #expect(try await edge.ask().version == "r1") }
        }
    }

    @Test("stays with the release that answered a client first, when asked to, for as long as two share it")
    func sticky() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            var placement = Sample.placement(.green, "r2", ports: [green.port])
            placement.isSticky = true
            try await edge.router.place(placement)
            #expect(try await edge.ask().headers["set-cookie"] == nil)
            try await edge.router.direct(.shared(incoming: .green, percent: 50), of: Sample.production)
            var cookies: [String: String] = [:]
            while cookies.count < 2 {
                let answer = try await edge.ask()
                let cookie = try #require(answer.headers["set-cookie"]?.first)
                #expect(cookie.contains("HttpOnly"))
                cookies[try #require(answer.version)] = cookie.split(separator: ";").first.map(String.init)
            }
            try await edge.router.direct(.shared(incoming: .green, percent: 90), of: Sample.production)
            for (version, cookie) in cookies {
                for _ in 0..<10 {
                    let answer = try await edge.ask("/headers", headers: [("Cookie", "\(cookie); other=1")])
                    #expect(answer.version == version)
                    #expect(
                        try answer.members()["cookie"] == "other=1",
                        "the service must not see the edge's cookie",
                    )
                }
            }
            // An abort takes everybody back at once, whatever cookie they have.
            try await edge.router.direct(.all(.blue), of: Sample.production)
            for cookie in cookies.values {
                #expect(try await edge.ask(headers: [("Cookie", cookie)]).version == "r1")
            }
        }
    }

    /// Invariant 1: a port that a release has left may be somebody else's by now.
    @Test("never reaches a place that the slot's next release does not have")
    func fewerInstances() async throws {
        try await EdgeHome.serving { edge, _ in
            let (old, stranger) = (try await edge.origin("r2"), try await edge.origin("stranger"))
            let new = try await edge.origin("r3")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [old.port, stranger.port]))
            try await edge.router.place(Sample.placement(.green, "r3", ports: [new.port]))
            #expect(try await edge.router.observe(Sample.production)?.ports[.green] == [new.port])
            try await edge.router.direct(.all(.green), of: Sample.production)
            for _ in 0..<10 { #expect(try await edge.ask().version == "r3") }
        }
    }

    @Test("is not directed to a slot without instances, and stays (Invariant 2)")
    func emptySlot() async throws {
        try await EdgeHome.serving { edge, _ in
            let files = try edge.files()
            for split in [TrafficSplit.all(.green), .shared(incoming: .green, percent: 5)] {
                let failure = try await #require(throws: Failure.self) {
                    try await edge.router.direct(split, of: Sample.production)
                }
                #expect(failure.code == .edgeFailed)
                #expect(failure.message == "slot green of shop/production has no instance to send traffic to")
            }
            #expect(try edge.files() == files)
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test(
        "keeps its slot from being placed anew",
        arguments: [TrafficSplit.all(.blue), .shared(incoming: .green, percent: 1)],
    )
    func placeUnderTraffic(split: TrafficSplit) async throws {
        try await EdgeHome.serving { edge, blue in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(split, of: Sample.production)
            let files = try edge.files()
            let failure = try await #require(throws: Failure.self) {
                try await edge.router.place(Sample.placement(.blue, "r3", ports: [green.port]))
            }
            #expect(failure.code == .edgeFailed)
            #expect(try edge.files() == files)
            // The same again is no change.
            try await edge.router.place(Sample.placement(.blue, "r1", ports: [blue.port]))
            #expect(try await edge.differences() == [])
        }
    }

    @Test("of an environment that nothing was placed in can't be moved")
    func unknown() async throws {
        try await EdgeHome.serving { edge, _ in
            await #expect(throws: Failure(.edgeFailed, "the edge does not know shop/staging")) {
                try await edge.router.direct(.none, of: Sample.staging)
            }
        }
    }

    @Test("can't be moved while the edge does not run, and is then where it was")
    func notRunning() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.stop()
            let failure = try await #require(throws: Failure.self) {
                try await edge.router.direct(.all(.green), of: Sample.production)
            }
            #expect(failure.code == .edgeFailed)
            #expect(failure.isRetryable)
            try await edge.router.start()
            #expect(try await edge.ask().version == "r1")
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await edge.ask().version == "r2")
        }
    }

    @Test("can be ordered by many at once, and ends where the last order says")
    func concurrently() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask(name: "order \(number)") {
                        try await edge.router.direct(
                            .all(number % 2 == 0 ? .green : .blue),
                            of: Sample.production,
                        )
                    }
                }
                try await group.waitForAll()
            }
            let observed = try #require(try await edge.router.observe(Sample.production))
            let state = try #require(try EdgeFiles(settings: edge.settings).read()?[Sample.production])
            #expect(observed.split == state.split)
            #expect(try await edge.differences() == [])
        }
    }
}
