// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import TestSupport
import Testing

/// Pushes that moved a branch and of which nobody told the engine.
@Suite("A missed push")
struct MissedPushTests {
    @Test("is deployed although its repository could not be read at first")
    func unreadable() async throws {
        let world = ScriptedWorld()
        world.change { facts in
            facts.heads = ["main": CommitID("c9")]
            facts.readFailures = [
                Failure(.unexpected, "git is away"), Failure(.unexpected, "git is still away"),
            ]
        }
        try await Bench.run(world: world, onReport: { _ in }) { bench in
            try await bench.waitUntil { try await !bench.store.deployments(of: Bench.key, limit: 1).isEmpty }
            let done = try await bench.verdict(of: DeploymentID("d1"))
            #expect(done.requester.channel == .reconciliation)
            #expect(try await bench.store.release(done.release)?.commit.id == CommitID("c9"))
        }
    }

    @Test("is left alone once its commit was tried, and while its manifest can't be used")
    func leftAlone() async throws {
        let world = ScriptedWorld()
        world.change { facts in
            facts.heads = ["main": CommitID("c9")]
            facts.readFailures = [Failure(.invalidManifest, "two mistakes")]
        }
        try await Bench.run(world: world) { bench in
            // Looked at and passed over: the failure was used, and nothing came of it.
            try await bench.waitUntil { world.now.readFailures.isEmpty }
            _ = try await bench.deploy("c9")
            #expect(try await bench.store.deployments(of: Bench.key, limit: 9).count == 1)
        }
    }
}
