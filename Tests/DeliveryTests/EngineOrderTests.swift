// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Synchronization
import TestSupport
import Testing

/// Orders that meet a deployment at any point of its way.
@Suite("Orders to the delivery engine", .timeLimit(.minutes(10)))
struct EngineOrderTests {
    @Test("a rollback of a release that is still being watched takes that one back, and goes no further")
    func rollBackWhileWatched() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            #expect(order.id == watched.id)
            let verdict = try #require(try await bench.verdict(of: watched.id).phase.verdict)
            #expect(verdict.outcome == .cancelled)
            #expect(verdict.failure?.message == "Ada rolled d3 back")
            #expect(verdict.undone == [.returnTraffic, .drainIncoming, .stopIncoming])
            #expect(bench.world.now.split[Bench.key] == .all(.green))
            #expect(try await bench.serving() == "r2")
            #expect(try await bench.store.deployments(of: Bench.key, limit: 10).count == 3)
        }
    }

    @Test("a rollback to the release that served before does the same")
    func rollBackToOutgoingWhileWatched() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            let release = ReleaseID("r2")
            let order = try await bench.engine.rollBack(Bench.key, to: release, requester: Bench.ada)
            #expect(order.id == watched.id)
            #expect(try await bench.verdict(of: watched.id).phase.verdict?.outcome == .cancelled)
        }
    }

    @Test("a rollback further back takes the watched release back first")
    func rollBackFurtherWhileWatched() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            let release = ReleaseID("r1")
            let order = try await bench.engine.rollBack(Bench.key, to: release, requester: Bench.ada)
            bench.world.change { $0.hangs = [] }
            #expect(order.id != watched.id)
            #expect(try await bench.verdict(of: order.id).phase.verdict?.outcome == .succeeded)
            #expect(try await bench.verdict(of: watched.id).phase.verdict?.outcome == .cancelled)
            #expect(try await bench.serving() == "r1")
        }
    }

    @Test("a rollback while traffic returns already follows that, and goes no further")
    func rollBackWhileUndoing() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            bench.world.change { $0.hangs.insert("stop blue") }
            try await bench.engine.cancel(watched.id, by: "Ada")
            try await bench.waitUntil { bench.world.now.actions.contains("stop blue") }
            let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            #expect(order.id == watched.id)
        }
    }

    @Test("a rollback during a rollback is refused: it could mean either way")
    func rollBackDuringRollback() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            bench.world.change { $0.hangs = [Bench.externally] }
            let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            try await bench.waitUntil { try await bench.isWatched(order.id) }
            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            }
            #expect(refusal?.code == .conflict)
            #expect(refusal?.message == "d3 is rolling tracehub/production back to r1 already")
            let back = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r2"),
                requester: Bench.ada,
            )
            #expect(back.id == order.id)
            _ = try await bench.verdict(of: order.id)
            #expect(try await bench.serving() == "r2")
        }
    }

    @Test("every rollback goes one release further back, never to one that was rolled back")
    func rollBackAgain() async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2", "c3"] { _ = try await bench.deploy(commit) }
            for release in ["r2", "r1"] {
                let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
                #expect(try await bench.verdict(of: order.id).phase.verdict?.outcome == .succeeded)
                #expect(try await bench.serving() == release)
            }
            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            }
            #expect(refusal?.code == .notFound)
            _ = try await bench.deploy("c4")
            let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            _ = try await bench.verdict(of: order.id)
            #expect(try await bench.serving() == "r1")
        }
    }

    @Test("a rollback to a release whose instances are gone starts it anew")
    func warmIsGone() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        try await Bench.run(world: world, store: store) { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
        }
        world.change { facts in
            for id in facts.instances.keys where id.slot == .blue { facts.instances[id] = nil }
        }
        let reports = Mutex<[String]>([])
        try await Bench.run(
            world: world,
            store: store,
            onReport: { text in reports.withLock { $0.append(text) } },
        ) {
            bench in
            let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            #expect(try await bench.verdict(of: order.id).phase.verdict?.outcome == .succeeded)
            #expect(try await bench.serving() == "r1")
        }
        #expect(reports.withLock { $0 }.count == 1)
    }

    @Test(
        "a rollback that meets the verdict returns to what served before, one way or the other",
        arguments: 0..<20,
    )
    func rollBackAtVerdict(attempt: Int) async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2"] { _ = try await bench.deploy(commit) }
            _ = try await bench.engine.deploy(Bench.key, reference: "c3", requester: Bench.ada)
            try await bench.waitUntil { bench.world.now.actions.count { $0 == Bench.externally } == 3 }
            for _ in 0..<attempt { await Task.yield() }
            let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            _ = try await bench.verdict(of: order.id)
            #expect(try await bench.serving() == "r2")
        }
    }

    @Test("a rollback also ends what waits behind the release that it takes back")
    func rollBackWithQueued() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            let queued = try await bench.engine.deploy(Bench.key, reference: "c4", requester: Bench.ada)
            _ = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            _ = try await bench.verdict(of: watched.id)
            let verdict = try await bench.verdict(of: queued.id).phase.verdict
            #expect(verdict?.outcome == .cancelled)
            #expect(verdict?.failure?.message == "Ada rolled tracehub/production back")
            #expect(try await bench.serving() == "r2")
        }
    }

    @Test("a rollback of the first release is refused, and to the watched one too; nothing changes")
    func rollBackOfFirst() async throws {
        try await Bench.run { bench in
            bench.world.change { $0.hangs = [Bench.externally] }
            let first = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
            try await bench.waitUntil { try await bench.isWatched(first.id) }
            for release in [nil, first.release] {
                let refusal = await #expect(throws: Failure.self) {
                    try await bench.engine.rollBack(Bench.key, to: release, requester: Bench.ada)
                }
                #expect(refusal?.code == .conflict)
            }
            #expect(try await bench.isWatched(first.id))
            #expect(bench.world.now.split[Bench.key] == .all(.blue))
        }
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.rollBack(Bench.key, to: watched.release, requester: Bench.ada)
            }
            #expect(refusal?.message == "r3 has the traffic of tracehub/production already, in place of r2")
            #expect(try await bench.isWatched(watched.id))
        }
    }

    @Test("a rollback that comes just after traffic has returned by itself is refused")
    func rollBackAfterUndo() async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2"] { _ = try await bench.deploy(commit) }
            bench.world.change { $0.arrivals = .init(served: 50, failed: 50) }
            #expect(try await bench.deploy("c3").phase.verdict?.step == .stability)
            bench.world.change { $0.arrivals = .init(served: 50, failed: 0) }
            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            }
            #expect(refusal?.message == "d3 has given its traffic back to r2 already")
            let order = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r1"),
                requester: Bench.ada,
            )
            _ = try await bench.verdict(of: order.id)
            #expect(try await bench.serving() == "r1")
        }
    }

    @Test("a push of what serves replaces a deployment of something else that is under way")
    func pushedBack() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.hangs = ["run build"] }
            let other = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada)
            try await bench.waitUntil { bench.world.now.actions.count { $0 == "run build" } == 2 }
            bench.world.change { $0.hangs = [] }
            let outcomes = try await bench.engine.pushed(
                Bench.key.project,
                branch: "main",
                to: CommitID("c1"),
                requester: Bench.ada,
            )
            guard case .started(let back)? = outcomes.first else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(try await bench.verdict(of: other.id).phase.verdict?.outcome == .superseded)
            #expect(try await bench.verdict(of: back.id).phase.verdict?.outcome == .succeeded)
            #expect(bench.world.now.actions.contains("discard r2"))
        }
    }

    @Test("nothing is stopped while connections from before a reload of the edge may lead to it")
    func unsettled() async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2"] { _ = try await bench.deploy(commit) }
            bench.world.change { $0.isSettled = false }
            let order = try await bench.engine.deploy(Bench.key, reference: "c3", requester: Bench.ada)
            try await bench.waitUntil {
                if case .performing(.start, _, _)? = try await bench.store.deployment(order.id)?.phase {
                    true
                } else {
                    false
                }
            }
            #expect(!bench.world.now.actions.contains { $0.hasPrefix("stop") })
            bench.world.change { $0.isSettled = true }
            #expect(try await bench.verdict(of: order.id).phase.verdict?.outcome == .succeeded)
            let ports = bench.world.now.instances.values.map(\.port)
            #expect(Set(ports).isDisjoint(with: [20_000]), "r1 was there a moment ago: \(ports)")
        }
    }

    @Test("a person cancels a release that has switched, and traffic returns")
    func cancelAfterSwitch() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            try await bench.engine.cancel(watched.id, by: "Ada")
            let verdict = try #require(try await bench.verdict(of: watched.id).phase.verdict)
            #expect(verdict.outcome == .cancelled)
            #expect(verdict.step == .external)
            #expect(verdict.undone == [.returnTraffic, .drainIncoming, .stopIncoming])
            #expect(try await bench.serving() == "r2")
        }
    }

    @Test("a person cancels a deployment that has not begun, and the one that runs goes on")
    func cancelQueued() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            let queued = try await bench.engine.deploy(Bench.key, reference: "c4", requester: Bench.ada)
            #expect(try await bench.store.deployment(queued.id)?.phase == .queued)
            try await bench.engine.cancel(queued.id, by: "Ada")
            let verdict = try await bench.verdict(of: queued.id).phase.verdict
            #expect(verdict?.outcome == .cancelled)
            #expect(verdict?.failure?.message == "Ada cancelled d4")
            await #expect(throws: Failure(.conflict, "d4 is over")) {
                try await bench.engine.cancel(queued.id, by: "Ada")
            }
            #expect(try await bench.store.deployment(watched.id)?.isOver == false)
        }
    }

    @Test("cancelled the moment they are ordered, deployments end exactly once", arguments: 0..<20)
    func cancelAtOnce(attempt: Int) async throws {
        try await Bench.run { bench in
            let order = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
            for _ in 0..<attempt { await Task.yield() }
            // Before it begins, while it runs, or too late: each is answered.
            try? await bench.engine.cancel(order.id, by: "Ada")
            _ = try await bench.verdict(of: order.id)
            let journal = try await bench.store.journal(of: order.id, after: 0, limit: 1000)
            #expect(journal.count { if case .ended = $0.event { true } else { false } } == 1)
            #expect(try await bench.deploy("c2").phase.verdict?.outcome == .succeeded)
        }
    }

    @Test("an environment that no branch has is unknown, and the known ones are named")
    func unknownEnvironment() async throws {
        try await Bench.run { bench in
            bench.world.change { $0.heads = ["main": CommitID("c1")] }
            let nowhere = EnvironmentKey(Bench.key.project, EnvironmentName("nowhere"))
            for reference in [nil, "c1"] {
                let refusal = await #expect(throws: Failure.self) {
                    try await bench.engine.deploy(nowhere, reference: reference, requester: Bench.ada)
                }
                #expect(refusal?.message == "tracehub has no environment nowhere")
                #expect(refusal?.hint == "it has production")
            }
        }
    }

    @Test("a no to something that does not wait for one is refused")
    func rejectNotWaiting() async throws {
        try await Bench.run { bench in
            let watched = try await bench.deployUntilWatched()
            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.reject(watched.id, by: "Ada", comment: nil)
            }
            #expect(refusal?.message == "d3 does not wait for an approval")
        }
    }
}

extension Bench {
    /// The external check, as the world knows it.
    static let externally = "get tracehub.example.com:8080/"

    /// Deploys three releases; the last one has all traffic, and its external check never ends.
    fileprivate func deployUntilWatched() async throws -> Deployment {
        _ = try await deploy("c1")
        _ = try await deploy("c2")
        world.change { $0.hangs = [Bench.externally] }
        let watched = try await engine.deploy(Bench.key, reference: "c3", requester: Bench.ada)
        try await waitUntil { try await isWatched(watched.id) }
        return watched
    }

    /// Whether a deployment has reached its external check.
    fileprivate func isWatched(_ id: DeploymentID) async throws -> Bool {
        if case .performing(.external, _, _)? = try await store.deployment(id)?.phase { true } else { false }
    }

    /// Who serves, by the records.
    fileprivate func serving() async throws -> String? {
        try await store.environment(Bench.key)?.serving?.release.rawValue
    }
}
