// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import HostSystem
import Testing

@testable import HAProxyRouter

/// What the edge has counted, as gates read it.
@Suite("Counters of the edge", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeCountersTests {
    @Test("are by slot and by environment")
    func bySlot() async throws {
        try await EdgeHome.serving { edge, blue in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.place(
                Sample.placement(
                    .blue,
                    "s1",
                    ports: [blue.port],
                    of: Sample.staging,
                    domain: "staging.test",
                )
            )
            try await edge.router.direct(.all(.blue), of: Sample.staging)
            let before = try await edge.router.counters(of: Sample.production)
            for _ in 0..<3 { _ = try await edge.ask() }
            for _ in 0..<7 { _ = try await edge.ask(host: "staging.test") }
            try await edge.router.direct(.all(.green), of: Sample.production)
            for _ in 0..<5 { _ = try await edge.ask() }
            let after = try await Self.counters(of: Sample.production, edge, served: 8, since: before)
            #expect(after == [.blue: .init(served: 3, failed: 0), .green: .init(served: 5, failed: 0)])
            #expect(try await edge.router.counters(of: Sample.staging).slots[.blue]?.served == 7)
        }
    }

    @Test("tell what failed: answers of 5xx, and requests that got none")
    func failed() async throws {
        try await EdgeHome.serving { edge, blue in
            let failing = try await edge.origin("r2", ["fail_after_requests": 2])
            try await edge.router.place(Sample.placement(.green, "r2", ports: [failing.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            let before = try await edge.router.counters(of: Sample.production)
            var statuses: [Int] = []
            for _ in 0..<5 { statuses.append(try await edge.ask().status) }
            #expect(statuses == [200, 200, 500, 500, 500])
            let counted = try await Self.counters(of: Sample.production, edge, served: 5, since: before)
            #expect(counted[.green] == .init(served: 5, failed: 3))
            #expect(counted[.green]?.errorRate == 0.6)
        }
    }

    @Test("tell what the edge itself had to answer for an application that hung up or was not there")
    func noAnswer() async throws {
        try await EdgeHome.serving { edge, blue in
            let rude = try await QuickOrigin.start("reject", in: edge)
            try await edge.router.place(Sample.placement(.green, "r2", ports: [rude.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            let before = try await edge.router.counters(of: Sample.production)
            #expect(try await edge.ask().status == 502)
            await rude.stop()
            #expect(try await edge.ask().status == 503)
            let counted = try await Self.counters(of: Sample.production, edge, served: 2, since: before)
            #expect(counted == [.blue: .init(), .green: .init(served: 2, failed: 2)])
        }
    }

    @Test("tell slots apart while they share, also what got no answer")
    func shared() async throws {
        try await EdgeHome.serving { edge, _ in
            let rude = try await QuickOrigin.start("reject", in: edge)
            try await edge.router.place(Sample.placement(.green, "r2", ports: [rude.port]))
            try await edge.router.direct(.shared(incoming: .green, percent: 50), of: Sample.production)
            let before = try await edge.router.counters(of: Sample.production)
            var statuses: [Int] = []
            for _ in 0..<20 { statuses.append(try await edge.ask().status) }
            #expect(Set(statuses) == [200, 502])
            let counted = try await Self.counters(of: Sample.production, edge, served: 20, since: before)
            let lost = statuses.count { $0 == 502 }
            #expect(counted[.blue] == .init(served: 20 - lost, failed: 0))
            #expect(counted[.green] == .init(served: lost, failed: lost))
        }
    }

    @Test("begin again with another epoch after a reload")
    func epoch() async throws {
        try await EdgeHome.serving { edge, _ in
            for _ in 0..<4 { _ = try await edge.ask() }
            let before = try await edge.router.counters(of: Sample.production)
            #expect(try await edge.router.counters(of: Sample.production).epoch == before.epoch)
            try await edge.router.place(Sample.placement(.blue, "s1", ports: [1], of: Sample.staging))
            for _ in 0..<2 { _ = try await edge.ask() }
            let counted = try await Self.counters(of: Sample.production, edge, served: 2, since: before)
            #expect(try await edge.router.counters(of: Sample.production).epoch != before.epoch)
            #expect(counted[.blue]?.served == 2)
        }
    }

    @Test("are empty for an environment that the edge does not know")
    func unknown() async throws {
        try await EdgeHome.serving { edge, _ in
            #expect(try await edge.router.counters(of: Sample.staging).slots.isEmpty)
            let latency = try await edge.router.latency(of: .blue, in: Sample.staging, since: .distantPast)
            #expect(latency == nil)
        }
    }

    @Test("show a slot's last requests in flight until they have ended")
    func inFlight() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await EdgeClient(port: edge.settings.port)
                .converse { conversation in
                    try await conversation.say(
                        "POST /echo HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3\r\n\r\n"
                    )
                    try await eventually("the request is in flight") { try await Self.blue(edge) == 1 }
                    try await edge.router.direct(.all(.green), of: Sample.production)
                    #expect(try await edge.ask().version == "r2")
                    #expect(try await Self.blue(edge) == 1)
                    try await conversation.say("end")
                    let head = try await conversation.hear("\r\n\r\n")
                    #expect(head.lowercased().contains("x-version: r1"))
                }
            try await eventually("nothing is in flight") { try await Self.blue(edge) == 0 }
        }
    }

    private static func blue(_ edge: EdgeHome) async throws -> Int? {
        try await edge.router.observe(Sample.production)?.inFlight[.blue]
    }

    /// What was added, once so many requests were counted: HAProxy counts after it has answered.
    private static func counters(
        of key: EnvironmentKey,
        _ edge: EdgeHome,
        served: Int,
        since before: TrafficCounters,
    ) async throws -> [Slot: TrafficCounters.Totals] {
        var counted: [Slot: TrafficCounters.Totals] = [:]
        try await eventually("\(served) requests are counted") {
            counted = try await edge.router.counters(of: key).since(before)
            return counted.values.reduce(0) { $0 + $1.served } >= served
        }
        return counted
    }
}
