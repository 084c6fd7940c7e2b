// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import TestSupport
import Testing

/// Who may say yes, to what, and for how long.
@Suite("A plan that waits for people")
struct ApprovalTests {
    @Test("goes on with what was approved, and with nothing else (Invariant 9)")
    func bound() async throws {
        try await Bench.run(manifest: Bench.manifest(approval: true)) { bench in
            let (id, digest) = try await Self.waiting(on: bench)
            for other in ["something-else", "", String(digest.prefix(3))] {
                await Self.expectRefusal("waits with plan") { try await bench.approve(id, other, by: "Bea") }
            }
            #expect(!bench.world.now.actions.contains { $0.hasPrefix("start") })
            try await bench.engine.approve(
                id,
                digest: String(digest.prefix(12)),
                by: "Bea",
                from: "10.0.0.7",
                comment: "fine",
            )
            let done = try await bench.verdict(of: id)
            #expect(done.phase.verdict?.outcome == .succeeded)
            let approval = try #require(done.approvals.first)
            #expect((approval.by, approval.from, approval.comment) == ("Bea", "10.0.0.7", "fine"))
            #expect(approval.digest.rawValue == digest)
        }
    }

    @Test("changes nothing when a person says no")
    func rejection() async throws {
        try await Bench.run(manifest: Bench.manifest(approval: true)) { bench in
            let (id, _) = try await Self.waiting(on: bench)
            try await bench.engine.reject(id, by: "Ada", comment: "not on a Friday")
            let done = try await bench.verdict(of: id)
            #expect(done.phase.verdict?.outcome == .rejected)
            #expect(done.phase.verdict?.failure?.message == "Ada rejected d1: not on a Friday")
            #expect(bench.world.now.instances.isEmpty)
        }
    }

    @Test(
        "does not take a yes from whoever asked for it, unless the policy says so",
        arguments: [false, true],
    )
    func own(isAllowed: Bool) async throws {
        var manifest = Bench.manifest(approval: true)
        manifest.environments[0].approval.own = isAllowed
        try await Bench.run(manifest: manifest) { bench in
            let (id, digest) = try await Self.waiting(on: bench)
            if isAllowed {
                try await bench.approve(id, digest, by: "Ada")
                #expect(try await bench.verdict(of: id).phase.verdict?.outcome == .succeeded)
            } else {
                await Self.expectRefusal("Ada asked for d1") {
                    try await bench.approve(id, digest, by: "Ada")
                }
                #expect(try await bench.store.deployment(id)?.approvals == [])
            }
        }
    }

    @Test("waits for as many as the policy names, each counted once, also over a restart")
    func several() async throws {
        var manifest = Bench.manifest(approval: true)
        manifest.environments[0].approval.count = 2
        let (world, store, described) = (ScriptedWorld(), InMemoryDeliveryStore(), manifest)
        try await Bench.run(manifest: described, world: world, store: store) { bench in
            let (id, digest) = try await Self.waiting(on: bench)
            try await bench.approve(id, digest, by: "Bea")
            await Self.expectRefusal("has approved d1 already") {
                try await bench.approve(id, digest, by: "Bea")
            }
            #expect(!world.now.actions.contains { $0.hasPrefix("start") })
        }
        try await Bench.run(manifest: described, world: world, store: store) { bench in
            let id = DeploymentID("d1")
            let digest = try #require(try await bench.waitForApproval(of: id).plan?.digest.rawValue)
            try await bench.waitUntil {
                // Nobody drives it until the lane has come to it.
                (try? await bench.approve(id, digest, by: "Cy")) != nil
            }
            let done = try await bench.verdict(of: id)
            #expect(done.approvals.map(\.by) == ["Bea", "Cy"])
        }
    }

    @Test("is asked for anew when what it would do has changed, and forgets every yes so far (Invariant 9)")
    func lapses() async throws {
        var manifest = Bench.manifest(approval: true)
        manifest.environments[0].approval.count = 2
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { $0.pending = [PendingMigration(revision: "0001", title: "orders")] }
            let (id, digest) = try await Self.waiting(on: bench)
            try await bench.approve(id, digest, by: "Bea")
            // Somebody has applied it by hand.
            bench.world.change { $0.pending = [] }
            await Self.expectRefusal("has changed since") { try await bench.approve(id, digest, by: "Cy") }
            let waiting = try #require(try await bench.store.deployment(id))
            let present = try #require(waiting.plan)
            #expect(waiting.approvals == [] && present.digest.rawValue != digest)
            #expect(present.content.migrations == [] && !present.content.steps.contains(.migrate))
            await Self.expectRefusal("waits with plan") { try await bench.approve(id, digest, by: "Cy") }
            try await bench.approve(id, present.digest.rawValue, by: "Cy")
            try await bench.approve(id, present.digest.rawValue, by: "Bea")
            #expect(try await bench.verdict(of: id).phase.verdict?.outcome == .succeeded)
            #expect(!bench.world.now.actions.contains("migrate"))
            let journal = try await bench.store.journal(of: id, after: 0, limit: 1000)
            #expect(journal.contains { $0.event == .approvalLapsed(PlanDigest(digest)) })
        }
    }

    @Test("is rejected when nobody answers in time")
    func expires() async throws {
        var manifest = Bench.manifest(approval: true)
        manifest.environments[0].approval.expires = .seconds(10)
        try await Bench.run(manifest: manifest) { bench in
            let (id, _) = try await Self.waiting(on: bench)
            let verdict = try #require(try await bench.verdict(of: id).phase.verdict)
            #expect(verdict.outcome == .rejected)
            #expect(verdict.failure?.message == "nobody approved d1 within 10.0s")
        }
    }

    private static func waiting(on bench: Bench) async throws -> (DeploymentID, String) {
        let order = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
        let plan = try #require(try await bench.waitForApproval(of: order.id).plan)
        return (order.id, plan.digest.rawValue)
    }

    private static func expectRefusal(
        _ words: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void,
    ) async {
        do {
            try await body()
            Issue.record("it was not refused", sourceLocation: sourceLocation)
        } catch {
            let failure = error as? Failure
            #expect(failure?.code == .conflict, sourceLocation: sourceLocation)
            #expect(failure?.message.contains(words) == true, "\(error)", sourceLocation: sourceLocation)
        }
    }
}

extension Bench {
    fileprivate func approve(_ id: DeploymentID, _ digest: String, by person: String) async throws {
        try await engine.approve(id, digest: digest, by: person, comment: nil)
    }
}
