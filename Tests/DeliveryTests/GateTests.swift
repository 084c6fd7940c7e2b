// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Manifest
import TestSupport
import Testing

/// What each gate makes of what it measures.
@Suite("Gates", .timeLimit(.minutes(10)))
struct GateTests {
    @Test("the stability gate says inconclusive when there is too little to judge by (Invariant 13)")
    func tooFew() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.minRequests = 1_000_000
        manifest.environments[0].stability.maxWindow = .seconds(10)
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.arrivals = .init(served: 0, failed: 0) }
            let verdict = try #require(try await bench.deploy("c1").phase.verdict)
            #expect(verdict.step == .stability)
            #expect(verdict.failure?.code == .gateInconclusive)
            #expect(verdict.undone.first == .returnTraffic)
        }
    }

    @Test(
        "the stability gate measures P99 by requests, or by its probes when nobody asked, and never passes over it"
    )
    func latency() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.maxP99 = .milliseconds(50)
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.latency = Self.latency(p99: .milliseconds(49)) }
            #expect(try await bench.deploy("c1").phase.verdict?.outcome == .succeeded)
            bench.world.change { $0.latency = Self.latency(p99: .milliseconds(51)) }
            let slow = try #require(try await bench.deploy("c2").phase.verdict)
            #expect(
                slow.failure?.message == "release r2 has a P99 of 51ms over 100 requests; the budget is 50ms"
            )
            bench.world.change { $0.latency = nil }
            #expect(try await bench.deploy("c3").phase.verdict?.outcome == .succeeded)
        }
        manifest.environments[0].stability.maxP99 = .microseconds(500)
        try await Bench.run(manifest: manifest) { bench in
            let verdict = try #require(try await bench.deploy("c1").phase.verdict)
            #expect(verdict.step == .stability)
            #expect(verdict.failure?.message.contains("probes, since nobody asked; the budget is") == true)
        }
    }

    @Test("the stability gate ends at once with an instance that ends by itself, and with probes that fail")
    func afterSwitch() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].stability.window = .seconds(2000)
        for failsProbes in [false, true] {
            try await Bench.run(manifest: manifest) { bench in
                let order = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
                try await bench.waitUntil {
                    if case .performing(.stability, _, _)? = try await bench.store.deployment(order.id)?.phase
                    {
                        true
                    } else {
                        false
                    }
                }
                // Again and again: the gate may not have looked for the first time yet.
                try await bench.waitUntil {
                    bench.world.change { facts in
                        if failsProbes { facts.health[ReleaseID("r1")] = 500 }
                        for id in facts.instances.keys where !failsProbes {
                            facts.instances[id]?.exits += 1
                            facts.instances[id]?.lastExit = "signal 9"
                        }
                    }
                    return try await bench.store.deployment(order.id)?.isOver == true
                }
                let verdict = try #require(try await bench.verdict(of: order.id).phase.verdict)
                #expect(verdict.step == .stability)
                #expect(verdict.failure?.code == (failsProbes ? .gateFailed : .serviceExited))
                #expect(verdict.failure?.hint != nil)
            }
        }
    }

    @Test("the health gate undoes a release that the new schema has broken, and knows one that waits for it")
    func migration() async throws {
        let pending = [PendingMigration(revision: "0002", title: "add weight")]
        try await Bench.run(manifest: Bench.manifest(within: .seconds(60))) { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { facts in
                facts.pending = pending
                facts.healthAfterMigration = [ReleaseID("r2"): 503]
            }
            let broken = try #require(try await bench.deploy("c2").phase.verdict)
            #expect(broken.step == .healthAfterMigration)
            #expect(broken.undone == [.stopIncoming])
            #expect(bench.world.now.split[Bench.key] == .all(.blue))
            bench.world.change { facts in
                facts.pending = pending
                facts.health[ReleaseID("r3")] = 503
            }
            let early = try #require(try await bench.deploy("c3").phase.verdict)
            #expect(early.step == .health)
            #expect(early.failure?.hint?.contains("migrations.when: before-start") == true)
        }
    }

    @Test("preflight says how much room there is and how much is needed, but for what is built already")
    func disk() async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2"] { _ = try await bench.deploy(commit) }
            bench.world.change { $0.disk = .mebibytes(100) }
            let verdict = try #require(try await bench.deploy("c3").phase.verdict)
            #expect(verdict.step == .preflight)
            #expect(
                verdict.failure?.message == "/nowhere has 100.0 MiB free, a deployment needs 512.0 MiB"
            )
            let back = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            #expect(try await bench.verdict(of: back.id).phase.verdict?.outcome == .succeeded)
        }
    }

    @Test(
        "preflight says which programs are there, before anything is made, and asks none of what runs already"
    )
    func versions() async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2"] { _ = try await bench.deploy(commit) }
            let notes = try await bench.store.journal(of: DeploymentID("d2"), after: 0, limit: 500)
                .map(\.event)
            #expect(
                notes.contains(.note(.preflight, "HAProxy 2.6.12, git 2.39.5, PostgreSQL 15.20 for db"))
            )
            let failure = Failure(.missingProgram, "git is not installed")
            bench.world.change { $0.failures["programs"] = [failure] }
            let made = bench.world.now.actions.count
            let verdict = try #require(try await bench.deploy("c3").phase.verdict)
            #expect(verdict.step == .preflight)
            #expect(verdict.failure == failure)
            #expect(!bench.world.now.actions[made...].contains { $0.hasPrefix("ensure") })
            bench.world.change { $0.failures["programs"] = [failure] }
            let back = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            #expect(try await bench.verdict(of: back.id).phase.verdict?.outcome == .succeeded)
        }
    }

    @Test("preflight says how much memory is available and needed, and does not ask it of what runs already")
    func memory() async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2"] { _ = try await bench.deploy(commit) }
            let notes = try await bench.store.journal(of: DeploymentID("d2"), after: 0, limit: 500)
                .map(\.event)
            #expect(
                notes.contains(
                    .note(.preflight, "97.7 GiB of memory available, the release may use 1.0 GiB")
                )
            )
            bench.world.change { $0.memory = .mebibytes(100) }
            let verdict = try #require(try await bench.deploy("c3").phase.verdict)
            #expect(verdict.step == .preflight)
            #expect(verdict.failure?.code == .memoryLow)
            #expect(
                verdict.failure?.message
                    == "100.0 MiB of memory are available, a deployment needs 128.0 MiB beside what serves"
            )
            let back = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            #expect(try await bench.verdict(of: back.id).phase.verdict?.outcome == .succeeded)
        }
    }

    @Test("evidence from a service's log is without the password of its database (Invariant 8)")
    func evidence() async throws {
        try await Bench.run(manifest: Bench.manifest(within: .seconds(60))) { bench in
            bench.world.change { facts in
                facts.log = ["connecting to \(ScriptedPorts.database.url.revealed())", "gave up"]
                facts.health[ReleaseID("r1")] = 503
            }
            let failure = try #require(try await bench.deploy("c1").phase.verdict?.failure)
            #expect(failure.evidence.contains("  connecting to •••"))
            #expect(failure.evidence.contains("  gave up"))
        }
    }

    private static func latency(p99: Duration) -> LatencySummary {
        LatencySummary(count: 100, p50: .milliseconds(1), p95: .milliseconds(2), p99: p99)
    }

    @Test("a journal that can't be written changes no verdict (Invariant 5)")
    func unwritableJournal() async throws {
        try await Bench.run(ledger: { MuteLedger(ledger: $0) }) { bench in
            let done = try await bench.deploy("c1")
            #expect(done.phase.verdict?.outcome == .succeeded)
        }
    }

    /// Takes every change, and no line that is only for people.
    private struct MuteLedger: DeliveryLedger {
        let ledger: InMemoryDeliveryStore

        func claim(
            _ environment: EnvironmentKey,
            for holder: String,
            at now: Date,
            until: Date,
        ) async throws -> Lease {
            try await ledger.claim(environment, for: holder, at: now, until: until)
        }

        func renew(_ lease: Lease, until: Date) async throws { try await ledger.renew(lease, until: until) }

        func release(_ lease: Lease) async throws { try await ledger.release(lease) }

        func number(_ sequence: NumberSequence) async throws -> Int { try await ledger.number(sequence) }

        func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry] {
            try await ledger.commit(change, lease: lease)
        }

        func order(_ change: DeliveryChange) async throws -> [JournalEntry] { try await ledger.order(change) }

        func makeRoom() async {}

        func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws {
            throw Failure(.diskFull, "no room for a line")
        }
    }
}
