// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Synchronization
import TestSupport
import Testing

@testable import Delivery

/// Somebody has changed by hand what a deployment had brought.
@Suite("What has drifted")
struct DriftTests {
    @Test("is told once, in the journal of the deployment that brought it, and is seen while it lasts")
    func told() async throws {
        try await serving(heal: []) { bench, told in
            bench.world.change { $0.alterations = ["app.py was changed"] }
            let drift = Drift(.files, "app.py was changed")
            try await bench.waitUntil { try await events(of: bench).contains(.drifted([drift])) }
            try await looks(bench)
            #expect(try await report(bench)?.findings == [drift])
            #expect(try await events(of: bench).count { $0 == .drifted([drift]) } == 1)
            #expect(told().count == 1)
            #expect(try await bench.store.deployments(of: Bench.key, limit: 9).count == 1)

            // Gone and come again, it is told again.
            bench.world.change { $0.alterations = [] }
            try await bench.waitUntil { try await report(bench)?.findings.isEmpty == true }
            bench.world.change { $0.alterations = ["app.py was changed"] }
            try await bench.waitUntil {
                try await events(of: bench).count { $0 == .drifted([drift]) } == 2
            }
        }
    }

    @Test("is put right in place where that takes no deployment: an instance that was stopped")
    func stopped() async throws {
        try await serving { bench, _ in
            let id = try #require(bench.world.now.instances.keys.first)
            bench.world.change { $0.instances[id]?.state = .stopped }
            let drift = Drift(.services, "backend.1 is stopped")
            try await bench.waitUntil { try await events(of: bench).contains(.healed([drift])) }
            #expect(bench.world.now.instances[id]?.state == .running(process: 1))
            #expect(try await bench.store.deployments(of: Bench.key, limit: 9).count == 1)
        }
    }

    @Test("is put right at the edge: changed by hand, sent elsewhere, or forgotten", arguments: [0, 1, 2])
    func routes(_ what: Int) async throws {
        try await serving { bench, _ in
            let served = bench.world.now.split[Bench.key]
            bench.world.change { facts in
                switch what {
                case 0: facts.deviations[Bench.key] = ["host a leads nowhere at the edge"]
                case 1: facts.split[Bench.key] = TrafficSplit.none
                default: facts.split[Bench.key] = nil
                }
            }
            try await bench.waitUntil {
                try await events(of: bench)
                    .contains {
                        if case .healed(let drifts) = $0 { drifts.first?.kind == .routes } else { false }
                    }
            }
            #expect(bench.world.now.split[Bench.key] == served)
            #expect(bench.world.now.deviations.isEmpty)
        }
    }

    @Test("goes nowhere by itself that does not answer its health check (Invariant 1)")
    func unhealthy() async throws {
        let manifest = Bench.manifest(within: .seconds(90))
        try await serving(manifest: manifest) { bench, told in
            let release = try #require(try await bench.store.environment(Bench.key)?.serving?.release)
            bench.world.change { facts in
                facts.health[release] = 500
                facts.split[Bench.key] = TrafficSplit.none
            }
            try await bench.waitUntil { told().contains { $0.contains("is not healthy") } }
            #expect(bench.world.now.split[Bench.key] == TrafficSplit.none)
            // Telling the edge again would have moved traffic too.
            #expect(!bench.world.now.actions.contains("realign"))
        }
    }

    @Test(
        "is deployed anew, once, where that is asked for and nothing else helps",
        arguments: DriftKind.allCases,
    )
    func redeployed(_ kind: DriftKind) async throws {
        guard kind != .routes else { return }
        try await serving(heal: [kind]) { bench, _ in
            let first = try #require(try await bench.store.environment(Bench.key)?.serving)
            bench.world.change { facts in
                switch kind {
                case .files: facts.alterations = ["app.py was changed"]
                case .variables: facts.alteredVariables = ["KEY"]
                case .services: facts.instances = facts.instances.filter { $0.key.slot != first.slot }
                case .routes: break
                }
            }
            let second = try await bench.verdict(of: DeploymentID("d2"))
            #expect(second.requester.channel == .healing)
            #expect(second.phase.verdict?.outcome == .succeeded)
            let release = try #require(try await bench.store.release(second.release))
            #expect(release.commit.id == (try await bench.store.release(first.release))?.commit.id)
            guard kind != .services else { return }
            // The scripted world keeps the finding, as an application that changes its own files does: it is not tried for ever.
            try await looks(bench)
            #expect(try await bench.store.deployments(of: Bench.key, limit: 9).count == 2)
            #expect(try await report(bench)?.heals == [])
        }
    }

    @Test("that can't be looked at is no \"nothing has drifted\" (Invariant 13)")
    func blind() async throws {
        try await serving(heal: []) { bench, _ in
            bench.world.change { $0.lookFailure = Failure(.unexpected, "the disk is away") }
            try await bench.waitUntil {
                let found = try await report(bench)?.findings ?? []
                return found.contains { $0.kind == .files && $0.text.contains("the disk is away") }
            }
        }
    }

    @Test("is no drift while a deployment moves traffic, and is put right while a plan waits for people")
    func deploying() async throws {
        try await serving(manifest: Bench.manifest(approval: true)) { bench, _ in
            let waiting = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada)
            _ = try await bench.waitForApproval(of: waiting.id)
            bench.world.change { $0.deviations[Bench.key] = ["host a leads nowhere at the edge"] }
            try await bench.waitUntil { bench.world.now.deviations.isEmpty }
            let stands = try #require(try await bench.store.deployment(waiting.id))
            #expect(!stands.isOver)
        }
    }

    // MARK: Help

    /// Runs `body` with a release that serves; what is reported is handed over and is no issue.
    private func serving(
        manifest: ProjectManifest = Bench.manifest(),
        heal: [DriftKind] = [.services, .routes],
        _ body: @Sendable (Bench, @Sendable () -> [String]) async throws -> Void,
    ) async throws {
        let reports = Mutex<[String]>([])
        let told = { @Sendable in reports.withLock { $0 } }
        var changed = manifest
        changed.environments[0].heal = heal
        let (manifest, isAsked) = (changed, changed.environments[0].approval.required)
        let report = { @Sendable (text: String) in reports.withLock { $0.append(text) } }
        try await Bench.run(manifest: manifest, drift: .seconds(20), onReport: report) { bench in
            let first = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
            if isAsked {
                let waiting = try await bench.waitForApproval(of: first.id)
                let digest = try #require(waiting.plan?.digest)
                try await bench.engine.approve(first.id, digest: digest.rawValue, by: "Bea", comment: nil)
            }
            let done = try await bench.verdict(of: first.id)
            try #require(done.phase.verdict?.outcome == .succeeded)
            try await body(bench, told)
        }
    }

    private func events(of bench: Bench) async throws -> [JournalEvent] {
        try await bench.store.journal(of: DeploymentID("d1"), after: 0, limit: 500).map(\.event)
    }

    private func report(_ bench: Bench) async throws -> DriftReport? {
        guard let serving = try await bench.store.environment(Bench.key)?.serving else { return nil }
        return await bench.engine.drift(of: serving, in: Bench.key)
    }

    /// Until the engine has looked twice more.
    private func looks(_ bench: Bench) async throws {
        for _ in 1...2 {
            let last = try await report(bench)?.checkedAt
            try await bench.waitUntil { try await report(bench)?.checkedAt != last }
        }
    }
}
