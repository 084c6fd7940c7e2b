// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// No request is lost, counted by clients that keep their connections: one at a time, because each needs the machine.
@Suite("Under full load", .tags(.haproxy, .slow), .serialized, .timeLimit(.minutes(10)))
struct EdgeLoadTests {
    @Test("ten switches lose nothing")
    func switches() async throws {
        try await underLoad { edge in
            for number in 1...10 {
                let slot: Slot = number % 2 == 1 ? .green : .blue
                let before = try await edge.router.counters(of: Sample.production)
                try await edge.router.direct(.all(slot), of: Sample.production)
                try await eventually("\(slot) answers the load") {
                    let counted = try await edge.router.counters(of: Sample.production).since(before)
                    return counted[slot]?.served ?? 0 > 50
                }
            }
            let totals = try await edge.router.counters(of: Sample.production).slots
            #expect(totals.values.allSatisfy { $0.failed == 0 && $0.served > 250 })
        }
    }

    @Test("going through shares to a switch and back loses nothing")
    func shares() async throws {
        try await underLoad { edge in
            for split in [
                TrafficSplit.shared(incoming: .green, percent: 25), .shared(incoming: .green, percent: 75),
                .all(.green), .shared(incoming: .blue, percent: 1), .all(.blue),
            ] {
                let before = try await edge.router.counters(of: Sample.production)
                try await edge.router.direct(split, of: Sample.production)
                try await eventually("\(split) answers the load") {
                    let counted = try await edge.router.counters(of: Sample.production).since(before)
                    return counted.values.reduce(0) { $0 + $1.served } > 200
                }
            }
        }
    }

    @Test("environments that come and go lose nothing")
    func reloads() async throws {
        try await underLoad { edge in
            for round in 1...3 {
                for change in [true, false] {
                    let (name, epoch) = (Sample.key("other", "env\(round)"), try await edge.epoch())
                    if change {
                        try await edge.router.place(Sample.placement(.blue, "o1", ports: [1], of: name))
                    } else {
                        try await edge.router.remove(name)
                    }
                    #expect(try await edge.epoch() != epoch)
                    try await eventually("the new worker answers the load") {
                        try await edge.router.counters(of: Sample.production).slots[.blue]?.served ?? 0 > 50
                    }
                }
            }
        }
    }

    @Test("placing releases in the idle slot loses nothing")
    func placing() async throws {
        try await underLoad { edge in
            for number in 0..<10 {
                let release = Sample.placement(.green, "r\(number + 3)", ports: [20_001 + number % 3])
                try await edge.router.place(release)
                #expect(try await edge.differences() == [])
            }
        }
    }

    /// Runs `body` while 64 connections ask without a pause, and expects every one of them to be answered well.
    private func underLoad(_ body: (EdgeHome) async throws -> Void) async throws {
        try await EdgeHome.use { edge in
            let (blue, green) = (
                try await QuickOrigin.start(in: edge), try await QuickOrigin.start(in: edge),
            )
            try await edge.router.start()
            try await edge.router.place(Sample.placement(.blue, "r1", ports: [blue.port]))
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(.all(.blue), of: Sample.production)
            let report = try await LoadReport.measure(edge) {
                try await eventually("the load has begun") {
                    try await edge.router.counters(of: Sample.production).slots[.blue]?.served ?? 0 > 50
                }
                try await body(edge)
                #expect(try await edge.router.observe(Sample.production) != nil)
            }
            #expect(report.socketErrors == 0)
            #expect(report.failed == 0)
            #expect(report.requests > 500)
        }
    }
}
