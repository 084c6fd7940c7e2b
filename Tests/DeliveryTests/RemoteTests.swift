// SPDX-License-Identifier: Apache-2.0
import Core
import Synchronization
import TestSupport
import Testing

@testable import Delivery

/// A project that lives in a remote: what the engine makes of what it finds there.
@Suite("A remote that a project follows")
struct RemoteTests {
    private static let project = Bench.key.project

    @Test("has its new commits deployed, without anybody telling")
    func deployed() async throws {
        try await follow(["main": "c1"]) { bench in
            let first = try await bench.verdict(of: DeploymentID("d1"))
            #expect(first.requester.channel == .reconciliation)
            bench.world.change { $0.remoteHeads?["main"] = CommitID("c2") }
            let second = try await bench.verdict(of: DeploymentID("d2"))
            #expect(try await bench.store.release(second.release)?.commit.id == CommitID("c2"))
            #expect(bench.world.now.heads["main"] == CommitID("c2"))
            #expect(await bench.engine.desired(in: Bench.key)?.commit.id == CommitID("c2"))
        }
    }

    @Test("whose branch was rewritten is not believed until somebody accepts it", arguments: [true, false])
    func rewritten(_ isGone: Bool) async throws {
        try await follow(["main": "c1", "other": "c1"]) { bench in
            _ = try await bench.verdict(of: DeploymentID("d1"))
            bench.world.change { facts in
                facts.rewritten = [CommitID("c1")]
                facts.remoteHeads?["main"] = isGone ? nil : CommitID("c9")
            }
            let state = try await bench.engine.sync(Self.project, accepting: nil)
            #expect(state.held["main"]?.here == CommitID("c1"))
            #expect(state.held["main"]?.there == (isGone ? nil : CommitID("c9")))
            #expect(bench.world.now.heads["main"] == CommitID("c1"))
            #expect(try await bench.store.deployments(of: nil, limit: 9).count == 1)

            let accepted = try await bench.engine.sync(Self.project, accepting: "main")
            #expect(accepted.held.isEmpty)
            #expect(bench.world.now.heads["main"] == (isGone ? nil : CommitID("c9")))
            guard !isGone else { return }
            let second = try await bench.verdict(of: DeploymentID("d2"))
            #expect(try await bench.store.release(second.release)?.commit.id == CommitID("c9"))
        }
    }

    @Test("may rewrite and remove branches that no environment is mapped to")
    func unmapped() async throws {
        try await follow(["main": "c1", "feature": "c1", "old": "c1"]) { bench in
            _ = try await bench.verdict(of: DeploymentID("d1"))
            bench.world.change { facts in
                facts.rewritten = [CommitID("c1")]
                facts.remoteHeads?["feature"] = CommitID("c9")
                facts.remoteHeads?["old"] = nil
            }
            let state = try await bench.engine.sync(Self.project, accepting: nil)
            #expect(state.held.isEmpty)
            #expect(bench.world.now.heads == ["main": CommitID("c1"), "feature": CommitID("c9")])
        }
    }

    @Test(
        "one of whose branches can't be taken over has the others deployed all the same, what is gone first"
    )
    func oneBranch() async throws {
        try await follow(["feature/a": "c1", "main": "c1"], onReport: { _ in }) { bench in
            _ = try await bench.verdict(of: DeploymentID("d1"))
            bench.world.change { facts in
                facts.remoteHeads = ["feature": CommitID("c2"), "main": CommitID("c2")]
                facts.moves = []
                facts.failures["move feature"] = [Failure(.unexpected, "no")]
            }
            _ = try? await bench.engine.sync(Self.project, accepting: nil)  // It says what was the matter.
            _ = try await bench.verdict(of: DeploymentID("d2"))
            #expect(bench.world.now.moves.prefix(2) == ["feature/a", "feature"])
            try await bench.waitUntil { bench.world.now.heads["feature"] == CommitID("c2") }
        }
    }

    @Test("can't have a branch accepted that it does not have")
    func unknownBranch() async throws {
        try await follow(["main": "c1"]) { bench in
            let failure = await #expect(throws: Failure.self) {
                try await bench.engine.sync(Self.project, accepting: "mian")
            }
            #expect(failure?.code == .notFound)
        }
    }

    @Test("that does not answer is told once, shown all the while, and believed again when it does")
    func unreachable() async throws {
        let reports = Mutex<[String]>([])
        let told = { @Sendable (text: String) in reports.withLock { $0.append(text) } }
        let world = ScriptedWorld()
        let away = Failure(.unreachable, "the remote can't be reached")
        try await follow(["main": "c1"], world, onReport: told) { bench in
            _ = try await bench.verdict(of: DeploymentID("d1"))
            world.change { $0.failures["fetch"] = Array(repeating: away, count: 2) }
            try await bench.waitUntil { await bench.engine.remoteState(of: Self.project)?.failure == away }
            world.change { $0.remoteHeads?["main"] = CommitID("c2") }
            _ = try await bench.verdict(of: DeploymentID("d2"))
            #expect(await bench.engine.remoteState(of: Self.project)?.failure == nil)
        }
        #expect(reports.withLock { $0.count { $0.contains("can't be reached") } } == 1)
    }

    @Test("that can't be reached when it is added leaves nothing behind")
    func notAdded() async throws {
        let world = ScriptedWorld()
        world.change { $0.failures["fetch"] = [Failure(.unreachable, "the remote can't be reached")] }
        try await Bench.run(world: world) { bench in
            let remote = SourceRemote(url: "https://git.example/app.git")
            let failure = await #expect(throws: Failure.self) {
                try await bench.engine.follow(remote, credential: nil, as: Self.project)
            }
            #expect(failure?.code == .unreachable)
            #expect(world.now.remoteHeads == nil)
            #expect(await bench.engine.remoteState(of: Self.project) == nil)
        }
    }

    @Test("of which nothing can be read is told now and then, and keeps nothing else from going on")
    func unreadable() async throws {
        let reports = Mutex<[String]>([])
        let told = { @Sendable (text: String) in reports.withLock { $0.append(text) } }
        let world = ScriptedWorld()
        world.change { $0.remoteFailure = Failure(.damagedState, "remote.json can't be read") }
        try await Bench.run(world: world, onReport: told) { bench in
            let done = try await bench.deploy("c1")
            #expect(done.phase.verdict?.outcome == .succeeded)
        }
        let count = reports.withLock { $0.count { $0.contains("remote.json can't be read") } }
        #expect((1...20).contains(count), "\(count)")
    }

    @Test("that is followed no more is not looked at again")
    func unfollowed() async throws {
        try await follow(["main": "c1"]) { bench in
            _ = try await bench.verdict(of: DeploymentID("d1"))
            try await bench.engine.unfollow(Self.project)
            #expect(await bench.engine.remoteState(of: Self.project) == nil)
            await #expect(throws: Failure.self) { try await bench.engine.unfollow(Self.project) }
            await #expect(throws: Failure.self) { try await bench.engine.unfollow(Self.project) }
        }
    }

    @Test("is asked at its pace give or take a fifth, and more and more rarely while it fails")
    func pace() {
        let pauses = (0..<200).map { DeliveryEngine.pause(.seconds(30), 0, Self.project, $0) }
        #expect(pauses.allSatisfy { $0 >= .seconds(24) && $0 <= .seconds(36) })
        #expect(Set(pauses).count > 100)
        let failing = (0..<20).map { DeliveryEngine.pause(.seconds(30), $0, Self.project, 7) }
        #expect(failing[1] == failing[0] * 2 && failing[2] == failing[0] * 4)
        #expect(failing.allSatisfy { $0 <= .seconds(720) })
        #expect(DeliveryEngine.pause(.seconds(3600), 9, Self.project, 7) >= .seconds(2880))
    }

    private func follow(
        _ heads: [String: String],
        _ world: ScriptedWorld = ScriptedWorld(),
        onReport: @Sendable @escaping (String) -> Void = { Issue.record("\($0)") },
        _ body: @Sendable (Bench) async throws -> Void,
    ) async throws {
        world.change { $0.remoteHeads = heads.mapValues { CommitID($0) } }
        try await Bench.run(world: world, onReport: onReport, body)
    }
}
