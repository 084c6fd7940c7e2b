// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Testing

@testable import HAProxyRouter

/// Latency, from log files as HAProxy and svlogd write them.
@Suite("The access log")
struct AccessLogTests {
    private static let begin = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("gives the percentiles of one slot of one environment since a moment")
    func percentiles() throws {
        let summary = try log("mixed").latency(of: .blue, in: "shop.production", since: Self.begin)
        #expect(
            summary
                == LatencySummary(
                    count: 20,
                    p50: .milliseconds(100),
                    p95: .milliseconds(190),
                    p99: .milliseconds(200),
                )
        )
    }

    @Test("counts only what ended since then")
    func since() throws {
        let late = Self.begin.addingTimeInterval(0.0155)
        let summary = try #require(try log("mixed").latency(of: .blue, in: "shop.production", since: late))
        #expect(summary.count == 5)
        #expect(summary.p50 == .milliseconds(180))
        let earlier = Self.begin.addingTimeInterval(-1)
        #expect(try log("mixed").latency(of: .blue, in: "shop.production", since: earlier)?.count == 21)
    }

    @Test("tells slots and environments apart, also when a path pretends")
    func others() throws {
        #expect(try log("mixed").latency(of: .green, in: "shop.production", since: Self.begin)?.count == 4)
        #expect(try log("mixed").latency(of: .blue, in: "shop.staging", since: Self.begin)?.count == 2)
        #expect(try log("mixed").latency(of: .green, in: "shop.staging", since: Self.begin) == nil)
        #expect(try log("mixed").latency(of: .blue, in: "shop.prod", since: Self.begin) == nil)
    }

    @Test("passes over lines that were cut, are not its own or say no time")
    func malformed() throws {
        let summary = try log("broken").latency(of: .blue, in: "shop.production", since: Self.begin)
        #expect(
            summary
                == LatencySummary(
                    count: 2,
                    p50: .milliseconds(30),
                    p95: .milliseconds(50),
                    p99: .milliseconds(50),
                )
        )
    }

    @Test("says nothing when nothing was recorded since, or there is no file")
    func nothing() throws {
        let later = Self.begin.addingTimeInterval(3600)
        #expect(try log("mixed").latency(of: .blue, in: "shop.production", since: later) == nil)
        #expect(try log("no-such-case").latency(of: .blue, in: "shop.production", since: Self.begin) == nil)
    }

    @Test("lets a sampled line stand for as many requests as it was drawn from, and an error for itself")
    func sampled() throws {
        var log = log("sampled")
        log.sample = 10
        let summary = try log.latency(of: .blue, in: "shop.production", since: Self.begin)
        // Three lines for ten answers each, one error, one answer of the edge's own.
        #expect(
            summary
                == LatencySummary(
                    count: 32,
                    p50: .milliseconds(10),
                    p95: .milliseconds(30),
                    p99: .milliseconds(500),
                )
        )
    }

    @Test("goes on in the newest file that was put aside")
    func putAside() throws {
        let summary = try log("put-aside").latency(of: .blue, in: "shop.production", since: Self.begin)
        #expect(summary?.count == 3)
        #expect(summary?.p99 == .milliseconds(70))
    }

    private func log(_ name: String) -> AccessLog {
        AccessLog(folder: EdgeFixture("access-log", name).folder)
    }
}
