// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Core
import Delivery
import Manifest
import TestSupport
import Testing

/// A gate that could not say, where a person is to decide.
@Suite("A release of which too little was seen", .timeLimit(.minutes(10)))
struct DecisionTests {
    @Test("is kept when a person says so")
    func kept() async throws {
        try await Self.asking { bench, id in
            try await bench.engine.approve(
                id,
                digest: "",
                by: "bea",
                from: "10.0.0.7",
                comment: "nobody is up",
            )
            let done = try await bench.verdict(of: id)
            #expect(done.phase.verdict?.outcome == .succeeded)
            let said = try await bench.store.journal(of: id, after: 0, limit: 999).map(\.event)
                .compactMap { if case .accepted(.stability, let approval) = $0 { approval } else { nil } }
            #expect(said.map(\.by) == ["bea"])
            #expect(said.first?.from == "10.0.0.7" && said.first?.comment == "nobody is up")
        }
    }

    @Test("is taken back when a person says so, or a newer deployment is to come")
    func rejected() async throws {
        try await Self.asking { bench, id in
            let newer = try await bench.engine.deploy(Bench.key, reference: "c3", requester: Bench.ada)
            try await bench.engine.reject(id, by: "bea", comment: "no")
            let verdict = try #require(try await bench.verdict(of: id).phase.verdict)
            #expect((verdict.outcome, verdict.step) == (.rejected, .stability))
            #expect(verdict.undone.first == .returnTraffic)
            let serving = try await bench.store.environment(Bench.key)?.serving?.release
            #expect(serving == ReleaseID("r1"))
            try await bench.engine.cancel(newer.id, by: "bea")
        }
    }

    @Test("is kept without anybody when enough is seen meanwhile")
    func seen() async throws {
        try await Self.asking { bench, id in
            bench.world.change { $0.arrivals = .init(served: 500_000, failed: 0) }
            let outcome = try await bench.verdict(of: id).phase.verdict?.outcome
            #expect(outcome == .succeeded)
        }
    }

    @Test("goes back without anybody when it turns out bad meanwhile")
    func bad() async throws {
        try await Self.asking { bench, id in
            bench.world.change { $0.arrivals = .init(served: 50, failed: 25) }
            let verdict = try #require(try await bench.verdict(of: id).phase.verdict)
            #expect((verdict.outcome, verdict.failure?.code) == (.failed, .gateFailed))
        }
    }

    @Test("goes back when nobody says anything in time")
    func unanswered() async throws {
        try await Self.asking(expires: .seconds(30)) { bench, id in
            let verdict = try #require(try await bench.verdict(of: id).phase.verdict)
            #expect((verdict.outcome, verdict.failure?.code) == (.failed, .gateInconclusive))
            #expect(verdict.failure?.message.contains("nobody said within 30.0s") == true)
        }
    }

    @Test("waits on over a restart, with what is left of its time")
    func restarted() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        let id = DeploymentID("d2")
        try await Self.asking(world: world, store: store) { _, _ in }
        let isOver = try await store.deployment(id)?.isOver
        #expect(isOver == false)
        try await Bench.run(manifest: Self.manifest(), world: world, store: store) { bench in
            try await bench.waitUntil {
                (try? await bench.engine.approve(id, digest: "", by: "bea", comment: nil)) != nil
            }
            let outcome = try await bench.verdict(of: id).phase.verdict?.outcome
            #expect(outcome == .succeeded)
        }
        let asked = try await store.journal(of: id, after: 0, limit: 999)
            .count { if case .decisionAsked = $0.event { true } else { false } }
        #expect(asked == 1)
    }

    @Test("is asked of at each share of a canary")
    func canary() async throws {
        var manifest = Self.manifest()
        (manifest.environments[0].strategy, manifest.environments[0].canary.steps) = (.canary, [50, 100])
        let asking = manifest
        try await Bench.run(manifest: asking) { bench in
            bench.world.change { $0.arrivals = .init(served: 2_000_000, failed: 0) }
            _ = try await bench.deploy("c1")
            bench.world.change { $0.arrivals = .init(served: 0, failed: 0) }
            let id = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada).id
            for step in [Step.canary(percent: 50), .stability] {
                try await bench.waitUntil {
                    try await bench.store.journal(of: id, after: 0, limit: 999)
                        .contains {
                            if case .decisionAsked(step, _) = $0.event { true } else { false }
                        }
                }
                try await bench.engine.approve(id, digest: "", by: "bea", comment: nil)
            }
            let outcome = try await bench.verdict(of: id).phase.verdict?.outcome
            #expect(outcome == .succeeded)
        }
    }

    @Test("is still there when the machine was down meanwhile")
    func reboot() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        let id = DeploymentID("d2")
        try await Self.asking(world: world, store: store) { _, _ in }
        world.change { facts in
            for id in facts.instances.keys { facts.instances[id]?.state = .stopped }
        }
        try await Bench.run(manifest: Self.manifest(), world: world, store: store) { bench in
            try await bench.waitUntil {
                bench.world.now.instances.values.allSatisfy { $0.state == .running(process: 1) }
            }
            try await bench.waitUntil {
                (try? await bench.engine.approve(id, digest: "", by: "bea", comment: nil)) != nil
            }
            let outcome = try await bench.verdict(of: id).phase.verdict?.outcome
            #expect(outcome == .succeeded)
        }
    }

    @Test("is asked of for whatever reason the gate could not say, until the time is over")
    func otherDoubt() async throws {
        var manifest = Self.manifest()
        manifest.environments[0].stability.minRequests = 1
        manifest.environments[0].stability.maxMemoryGrowth = 0.5
        manifest.environments[0].approval.expires = .seconds(60)
        let blind = manifest
        try await Bench.run(manifest: blind) { bench in
            bench.world.change { $0.residentMemory = [] }
            let verdict = try #require(try await bench.deploy("c1").phase.verdict)
            #expect(verdict.failure?.message.contains("nobody said within 1m 00s") == true)
            let lines = try await bench.store.journal(of: DeploymentID("d1"), after: 0, limit: 999)
            let asked = lines.first { if case .decisionAsked = $0.event { true } else { false } }
            let failed = lines.last { if case .failed = $0.event { true } else { false } }
            let waited = try #require(failed).at.timeIntervalSince(try #require(asked).at)
            #expect(waited >= 60)
        }
    }

    @Test("tells whoever comes next what must be said first")
    func next() async throws {
        try await Self.asking { bench, id in
            let newer = try await bench.engine.deploy(Bench.key, reference: "c3", requester: Bench.ada)
            let told = try await bench.store.journal(of: newer.id, after: 0, limit: 9).map(\.event)
            #expect(
                told.contains(
                    .note(
                        .preflight,
                        "d2 has the traffic and waits for a decision first: opshub approve d2, or opshub reject d2",
                    )
                )
            )
            try await bench.engine.cancel(newer.id, by: "bea")
            try await bench.engine.cancel(id, by: "bea")
        }
    }

    @Test("is not kept by who asked for it, where plans need somebody else's yes")
    func own() async throws {
        try await Self.asking(approval: true) { bench, id in
            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.approve(id, digest: "", by: Bench.ada.name, comment: nil)
            }
            #expect(refusal?.code == .conflict)
            // Who has approved the plan may keep what came of it.
            try await bench.engine.approve(id, digest: "", by: "bea", comment: nil)
            let outcome = try await bench.verdict(of: id).phase.verdict?.outcome
            #expect(outcome == .succeeded)
        }
    }

    private static func manifest(
        approval: Bool = false,
        expires: Duration = .seconds(86_400),
    ) -> ProjectManifest {
        var manifest = Bench.manifest(approval: approval)
        manifest.environments[0].approval.expires = expires
        manifest.environments[0].stability = StabilityManifest(
            window: .seconds(2),
            maxWindow: .seconds(4),
            minRequests: 1_000_000,
            inconclusive: .ask,
        )
        return manifest
    }

    /// Runs `body` with a second deployment whose gate asks a person.
    private static func asking(
        approval: Bool = false,
        expires: Duration = .seconds(86_400),
        world: ScriptedWorld = ScriptedWorld(),
        store: InMemoryDeliveryStore = InMemoryDeliveryStore(),
        _ body: @Sendable @escaping (Bench, DeploymentID) async throws -> Void,
    ) async throws {
        let manifest = manifest(approval: approval, expires: expires)
        try await Bench.run(manifest: manifest, world: world, store: store) { bench in
            for (commit, served) in [("c1", 2_000_000), ("c2", 0)] {
                bench.world.change { $0.arrivals = .init(served: served, failed: 0) }
                let id = try await bench.engine.deploy(Bench.key, reference: commit, requester: Bench.ada).id
                if approval {
                    let plan = try await bench.waitForApproval(of: id).plan
                    try await bench.engine.approve(
                        id,
                        digest: try #require(plan).digest.rawValue,
                        by: "bea",
                        comment: nil,
                    )
                }
                guard served == 0 else {
                    _ = try await bench.verdict(of: id)
                    continue
                }
                try await bench.waitUntil {
                    let deployment = try await bench.store.deployment(id)
                    guard case .awaitingDecision? = deployment?.phase else { return false }
                    return deployment?.decisionAskedAt != nil
                }
                try await body(bench, id)
            }
        }
    }
}
