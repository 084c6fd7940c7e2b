// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import TestSupport
import Testing

/// The new release beside the outgoing one, and what happens when there is too little to judge by.
@Suite("The stability gate", .timeLimit(.minutes(10)))
struct StabilityTests {
    @Test("waits for more when there is too little to judge by, up to the longest window (Invariant 13)")
    func extends() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.window = .seconds(1)
        manifest.environments[0].stability.minRequests = 200
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.arrivals = .init(served: 0, failed: 0) }
            let done = try await bench.deploy("c1")
            #expect(done.phase.verdict?.outcome == .succeeded)
            // No machine makes 200 probes in the 20 ms that a second of this clock lasts.
            #expect(try await Self.notes(of: done.id, bench).contains { $0.hasSuffix("watched on") })
        }
    }

    @Test(
        "waits for an edge that is being started again, and gives up one that is not",
        arguments: [(5, true), (500, false)],
    )
    func silence(times: Int, passes: Bool) async throws {
        let silent = Failure(.edgeFailed, "the edge does not answer", isRetryable: true)
        try await Bench.run { bench in
            bench.world.change { $0.failures["counters"] = Array(repeating: silent, count: times) }
            let done = try await bench.deploy("c1")
            let verdict = try #require(done.phase.verdict)
            #expect(verdict.outcome == (passes ? .succeeded : .failed), "\(verdict)")
            let notes = try await Self.notes(of: done.id, bench)
            #expect(notes.contains("the edge does not answer"))
            #expect(notes.contains("the edge answers again") == passes)
        }
    }

    @Test(
        "compares the share of failures with the outgoing release's",
        arguments: [(1, true), (4, false)],
    )
    func errors(failing: Int, passes: Bool) async throws {
        var manifest = Bench.manifest()
        (manifest.environments[0].strategy, manifest.environments[0].canary.steps) = (.canary, [50, 100])
        manifest.environments[0].stability.maxErrorRate = 0.5
        manifest.environments[0].stability.maxErrorIncrease = 0.05
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.failing[.blue] = 1 }
            _ = try await bench.deploy("c1")
            bench.world.change { $0.failing[.green] = failing }
            let verdict = try #require(try await bench.deploy("c2").phase.verdict)
            #expect(verdict.outcome == (passes ? .succeeded : .failed))
            guard !passes else { return }
            #expect(
                verdict.failure?.message
                    == "release r2 fails 8% of its requests, the outgoing one 2%; 5% more is the budget"
            )
            #expect(verdict.failure?.evidence.contains { $0.hasPrefix("the outgoing release: ") } == true)
        }
    }

    @Test("compares P95 with the outgoing release's", arguments: [(14, true), (16, false)])
    func slowdown(milliseconds: Int, passes: Bool) async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.maxSlowdown = 0.5
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.latencies[.blue] = Self.latency(p95: .milliseconds(10)) }
            _ = try await bench.deploy("c1")
            bench.world.change { $0.latencies[.green] = Self.latency(p95: .milliseconds(milliseconds)) }
            let verdict = try #require(try await bench.deploy("c2").phase.verdict)
            #expect(verdict.outcome == (passes ? .succeeded : .failed))
            guard !passes else { return }
            #expect(
                verdict.failure?.message
                    == "release r2 has a P95 of 16ms over its requests, the outgoing one 10ms; 50% slower is the budget"
            )
        }
    }

    @Test(
        "counts how often an instance falls ill and recovers, however few failures that makes",
        arguments: [2, 3],
    )
    func flaps(times: Int) async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.maxErrorRate = 1
        manifest.environments[0].stability.window = .seconds(20)
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.illAfterSwitch = times }
            let done = try await bench.deploy("c1")
            let verdict = try #require(done.phase.verdict)
            #expect(verdict.outcome == (times > 2 ? .failed : .succeeded))
            let seen = try #require(try await Self.measured(of: done.id, bench).last)
            #expect(seen.incoming.flaps == times)
            guard times > 2 else { return }
            #expect(
                verdict.failure?.message
                    .hasSuffix(
                        "of r1 stopped answering its health check and began again 3 times; 2 is the budget"
                    ) == true
            )
        }
    }

    @Test("looks at how memory grows within the window", arguments: [(119, true), (121, false)])
    func memory(mebibytes: Int64, passes: Bool) async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.maxMemoryGrowth = 0.5
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.residentMemory = [.mebibytes(80), .mebibytes(mebibytes)] }
            let done = try await bench.deploy("c1")
            let verdict = try #require(done.phase.verdict)
            #expect(verdict.outcome == (passes ? .succeeded : .failed))
            let seen = try #require(try await Self.measured(of: done.id, bench).last)
            #expect(
                seen.incoming.memory == [
                    .init(instance: "backend.1", before: .mebibytes(80), after: .mebibytes(mebibytes))
                ]
            )
            guard !passes else { return }
            #expect(
                verdict.failure?.message
                    == "backend.1 of r1 has grown from 80.0 MiB to 121.0 MiB within the window; 50% more is the budget"
            )
        }
    }

    @Test("says nothing of memory that nobody can see (Invariant 13)")
    func unseenMemory() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.maxMemoryGrowth = 0.5
        manifest.environments[0].stability.maxWindow = .seconds(20)
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.residentMemory = [] }
            let verdict = try #require(try await bench.deploy("c1").phase.verdict)
            #expect((verdict.outcome, verdict.failure?.code) == (.failed, .gateInconclusive))
        }
    }

    @Test("keeps what it has seen with the deployment, also of one that it refuses")
    func evidence() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.maxErrorIncrease = 0.5
        try await Bench.run(manifest: manifest) { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.arrivals = .init(served: 50, failed: 25) }
            let failed = try await bench.deploy("c2")
            #expect(failed.phase.verdict?.outcome == .failed)
            let seen = try #require(try await Self.measured(of: failed.id, bench).last)
            #expect(seen.incoming.requests >= 50 && seen.incoming.failed * 2 == seen.incoming.requests)
            #expect(seen.outgoing != nil)
            let first = try #require(try await Self.measured(of: DeploymentID("d1"), bench).last)
            #expect(first.incoming.failed == 0 && first.outgoing == nil && first.window >= .seconds(5))
        }
    }

    @Test("compares probes of both where nobody asks")
    func quiet() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.maxSlowdown = 1
        manifest.environments[0].stability.maxErrorIncrease = 0
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.arrivals = .init(served: 0, failed: 0) }
            for commit in ["c1", "c2"] {
                let outcome = try await bench.deploy(commit).phase.verdict?.outcome
                #expect(outcome == .succeeded)
            }
            let ports = Set(bench.world.now.instances.values.map(\.port))
            let asked = bench.world.now.actions.suffix(40).filter { $0.hasPrefix("get 127.0.0.1") }
            #expect(
                ports.count == 2 && ports.allSatisfy { port in asked.contains { $0.contains(":\(port)/") } }
            )
        }
    }

    private static func latency(p95: Duration) -> LatencySummary {
        LatencySummary(count: 100, p50: .milliseconds(1), p95: p95, p99: .milliseconds(20))
    }

    private static func measured(of id: DeploymentID, _ bench: Bench) async throws -> [StabilityEvidence] {
        try await bench.store.journal(of: id, after: 0, limit: 10_000)
            .compactMap { if case .measured(.stability, let evidence) = $0.event { evidence } else { nil } }
    }

    private static func notes(of id: DeploymentID, _ bench: Bench) async throws -> [String] {
        try await bench.store.journal(of: id, after: 0, limit: 10_000)
            .compactMap { if case .note(.stability, let text) = $0.event { text } else { nil } }
    }
}
