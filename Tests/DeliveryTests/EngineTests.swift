// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Manifest
import TestSupport
import Testing

/// The real engine, driver and steps against a scripted world.
@Suite("The delivery engine")
struct EngineTests {
    @Test("makes the first release serve")
    func first() async throws {
        try await Bench.run { bench in
            let done = try await bench.deploy("c1")
            #expect(done.phase.verdict?.outcome == .succeeded)
            #expect(bench.world.now.split[Bench.key] == .all(.blue))
            let record = try #require(try await bench.store.environment(Bench.key))
            #expect(record.serving?.release == ReleaseID("r1"))
            #expect(record.warm == nil)
        }
    }

    @Test("switches to a second release in the other slot and keeps the first warm")
    func second() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            let done = try await bench.deploy("c2")
            #expect(done.phase.verdict?.outcome == .succeeded)
            #expect(bench.world.now.split[Bench.key] == .all(.green))
            #expect(bench.world.now.instances.count == 2)
            let record = try #require(try await bench.store.environment(Bench.key))
            #expect(record.serving?.release == ReleaseID("r2"))
            #expect(record.warm?.release == ReleaseID("r1"))
        }
    }

    @Test("stops a release that never gets healthy before any traffic reaches it (Invariant 1)")
    func unhealthy() async throws {
        try await Bench.run(manifest: Bench.manifest(within: .seconds(60))) { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.health[ReleaseID("r2")] = 503 }
            let done = try await bench.deploy("c2")
            let verdict = try #require(done.phase.verdict)
            #expect(verdict.outcome == .failed)
            #expect(verdict.step == .health)
            #expect(verdict.failure?.code == .gateFailed)
            #expect(verdict.failure?.message.contains("answered 503 instead of 200") == true)
            #expect(verdict.undone == [.stopIncoming])
            #expect(bench.world.now.actions.filter { $0.hasPrefix("direct") } == ["direct 100% blue"])
            #expect(bench.world.now.instances.keys.map(\.slot) == [.blue])
        }
    }

    @Test("sends traffic back when real requests fail after the switch")
    func failsAfterSwitch() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.arrivals = .init(served: 50, failed: 20) }
            let done = try await bench.deploy("c2")
            let verdict = try #require(done.phase.verdict)
            #expect(verdict.step == .stability)
            #expect(verdict.undone == [.returnTraffic, .drainIncoming, .stopIncoming])
            #expect(bench.world.now.split[Bench.key] == .all(.blue))
            #expect(try await bench.store.environment(Bench.key)?.serving?.release == ReleaseID("r1"))
        }
    }

    @Test("is not content with what the edge itself says in place of a service")
    func edgeAnswers() async throws {
        try await Bench.run { bench in
            bench.world.change {
                $0.edgeAnswers["tracehub.example.com"] = "no environment answers for this host"
            }
            let verdict = try #require(try await bench.deploy("c1").phase.verdict)
            #expect(verdict.step == .external)
            #expect(verdict.failure?.message.contains("no further than the edge: no environment") == true)
            #expect(verdict.undone == [.returnTraffic, .drainIncoming, .stopIncoming])
        }
    }

    @Test("never empties a slot that the edge sends requests to, whatever the records say (Invariant 2)")
    func servingSlot() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.split[Bench.key] = .all(.green) }
            let done = try await bench.deploy("c2")
            #expect(done.phase.verdict?.step == .start)
            #expect(done.phase.verdict?.failure?.code == .conflict)
            #expect(!bench.world.now.actions.contains("place green r2"))
        }
    }

    @Test("does not migrate when the backup fails its drill (Invariant 4)")
    func drillFails() async throws {
        try await Bench.run { bench in
            bench.world.change { facts in
                facts.pending = [PendingMigration(revision: "0002", title: "add weight")]
                facts.failures["drill"] = [Failure(.backupFailed, "41 rows instead of 42")]
            }
            let done = try await bench.deploy("c1")
            #expect(done.phase.verdict?.step == .drill)
            #expect(!bench.world.now.actions.contains("migrate"))
            #expect(bench.world.now.instances.isEmpty)
        }
    }

    @Test("copies and proves every database where each deployment backs up")
    func severalDatabases() async throws {
        var manifest = Bench.manifest()
        let other = AccessoryName("audit")
        manifest.accessories.append(
            AccessoryManifest(name: other, kind: .postgres(major: 15), database: "audit")
        )
        manifest.environments[0].backup.before = .always
        try await Bench.run(manifest: manifest) { bench in
            let done = try await bench.deploy("c1")
            #expect(done.backups.map(\.accessory.rawValue) == ["db", "audit"])
            let proven = bench.world.now.actions.filter { $0.hasPrefix("drill") }
            #expect(proven == ["drill db", "drill audit"])
        }
    }

    @Test("repeats a step back that fails until it works")
    func undoRepeats() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { facts in
                facts.arrivals = .init(served: 50, failed: 50)
                facts.failures["direct 100% blue"] = [
                    Failure(.edgeFailed, "one"), Failure(.edgeFailed, "two"),
                ]
            }
            let done = try await bench.deploy("c2")
            #expect(done.phase.verdict?.undone == [.returnTraffic, .drainIncoming, .stopIncoming])
            #expect(bench.world.now.split[Bench.key] == .all(.blue))
            let journal = try await bench.store.journal(of: done.id, after: 0, limit: 1000)
            #expect(journal.count { if case .undoFailed = $0.event { true } else { false } } == 2)
        }
    }

    @Test("returns to the warm release without starting anything")
    func rollBackToWarm() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            let starts = bench.world.now.actions.count { $0.hasPrefix("start") }
            let order = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            let done = try await bench.verdict(of: order.id)
            #expect(done.phase.verdict?.outcome == .succeeded)
            #expect(bench.world.now.actions.count { $0.hasPrefix("start") } == starts)
            #expect(bench.world.now.split[Bench.key] == .all(.blue))
            let record = try #require(try await bench.store.environment(Bench.key))
            #expect(record.serving?.release == ReleaseID("r1"))
            #expect(record.warm?.release == ReleaseID("r2"))
        }
    }

    @Test("lets a newer order replace one that has not switched (Invariant 6)")
    func superseded() async throws {
        try await Bench.run { bench in
            bench.world.change { $0.hangs = ["run build"] }
            let older = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
            try await bench.waitUntil { bench.world.now.actions.contains("run build") }
            bench.world.change { $0.hangs = [] }
            let newer = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada)
            #expect(try await bench.verdict(of: older.id).phase.verdict?.outcome == .superseded)
            #expect(try await bench.verdict(of: newer.id).phase.verdict?.outcome == .succeeded)
            #expect(try await bench.store.environment(Bench.key)?.serving?.release == newer.release)
        }
    }

    @Test("ends a burst of orders on the last one")
    func burst() async throws {
        try await Bench.run { bench in
            var last = try await bench.engine.deploy(Bench.key, reference: "c0", requester: Bench.ada)
            for number in 1..<50 {
                last = try await bench.engine.deploy(
                    Bench.key,
                    reference: "c\(number)",
                    requester: Bench.ada,
                )
            }
            _ = try await bench.verdict(of: last.id)
            #expect(try await bench.store.environment(Bench.key)?.serving?.release == last.release)
            #expect(try await bench.store.unfinishedDeployments().isEmpty)
        }
    }

    @Test("cancels on request, and says why it can't once it has switched")
    func cancel() async throws {
        try await Bench.run { bench in
            bench.world.change { $0.hangs = ["run build"] }
            let order = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
            try await bench.waitUntil { bench.world.now.actions.contains("run build") }
            try await bench.engine.cancel(order.id, by: "Ada")
            let done = try await bench.verdict(of: order.id)
            #expect(done.phase.verdict?.outcome == .cancelled)
            await #expect(throws: Failure(.conflict, "d1 is over")) {
                try await bench.engine.cancel(order.id, by: "Ada")
            }
        }
    }

    @Test("gives no instance a port that another environment's has, whether that listens or not")
    func portsOfOthers() async throws {
        try await Bench.run { bench in
            let staging = EnvironmentKey(Bench.key.project, EnvironmentName("staging"))
            try await bench.store.order(
                DeliveryChange(environment: EnvironmentRecord(key: staging), at: .now)
            )
            let other = InstanceID(staging, .blue, ServiceName("backend"), 1)
            bench.world.change {
                $0.instances[other] = InstanceStatus(
                    id: other,
                    release: ReleaseID("r9"),
                    port: 20_000,
                    state: .restarting,
                )
            }
            _ = try await bench.deploy("c1")
            let own = bench.world.now.instances.values.filter { $0.id.environment == Bench.key }
            #expect(own.map(\.port) == [20_001])
        }
    }

    @Test("refuses what nobody could reach before anything is built")
    func unreachable() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].domain = nil
        manifest.environments[0].ports = ["db": 5432]
        try await Bench.run(manifest: manifest) { bench in
            let verdict = try #require(try await bench.deploy("c1").phase.verdict)
            #expect(verdict.step == .preflight)
            #expect(verdict.failure?.message.contains("has no domain and no port") == true)
            #expect(!bench.world.now.actions.contains("run build"))
        }
    }

    @Test("answers orders while it undoes something, however long that takes", .timeLimit(.minutes(10)))
    func ordersDuringUndo() async throws {
        try await Bench.run(manifest: Bench.manifest(within: .seconds(60))) { bench in
            _ = try await bench.deploy("c1")
            bench.world.change {
                $0.health[ReleaseID("r2")] = 503
                $0.hangs = ["stop green"]
            }
            let failing = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada)
            try await bench.waitUntil { bench.world.now.actions.contains("stop green") }
            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.cancel(failing.id, by: "Ada")
            }
            #expect(refusal?.code == .conflict)
            let newer = try await bench.engine.deploy(Bench.key, reference: "c3", requester: Bench.ada)
            #expect(try await bench.store.deployment(newer.id)?.phase == .queued)
        }
    }

    @Test(
        "starts again what served and what is warm when the machine has lost both, and touches nothing that runs"
    )
    func reboot() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        try await Bench.run(world: world, store: store) { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
        }
        let before = world.now.instances
        let actions = world.now.actions.count
        try await Bench.run(world: world, store: store) { bench in _ = try await bench.deploy("c2") }
        #expect(!world.now.actions[actions...].contains { $0.hasPrefix("start green r2") })
        world.change { facts in
            for id in facts.instances.keys { facts.instances[id]?.state = .stopped }
        }
        try await Bench.run(world: world, store: store) { bench in
            try await bench.waitUntil {
                bench.world.now.instances.values.allSatisfy { $0.state == .running(process: 1) }
            }
        }
        for (id, instance) in before where world.now.instances[id]?.release == instance.release {
            #expect(world.now.instances[id]?.port == instance.port)
        }
        #expect(world.now.instances.count == 2)
    }

    @Test("goes on with a deployment whose instances the machine has lost as well")
    func rebootInBetween() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        try await Bench.run(world: world, store: store) { bench in
            _ = try await bench.deploy("c1")
            world.change { $0.hangs = ["direct"] }
            _ = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada)
            try await bench.waitUntil { world.now.actions.last?.hasPrefix("direct") == true }
        }
        world.change { facts in
            facts.hangs = []
            for id in facts.instances.keys { facts.instances[id]?.state = .stopped }
        }
        try await Bench.run(world: world, store: store) { bench in
            let done = try await bench.verdict(of: DeploymentID("d2"))
            #expect(done.phase.verdict?.outcome == .succeeded, "\(done.phase)")
        }
    }

    @Test("deploys at its start what was pushed and never heard of, and nothing twice")
    func missedPush() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        world.change { $0.heads = ["main": CommitID("c7"), "feature": CommitID("c8")] }
        try await Bench.run(world: world, store: store) { bench in
            let done = try await bench.verdict(of: DeploymentID("d1"))
            #expect(done.requester.channel == .reconciliation)
            #expect(try await store.release(done.release)?.commit.id == CommitID("c7"))
        }
        try await Bench.run(world: world, store: store) { bench in
            _ = try await bench.deploy("c9")
            #expect(try await store.deployments(of: Bench.key, limit: 10).count == 2)
        }
    }

    @Test("goes on where a control plane left off, and never starts a step back over (Invariant 7)")
    func resumes() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        world.change { $0.hangs = ["direct"] }
        try await Bench.run(world: world, store: store) { bench in
            _ = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
            try await bench.waitUntil { world.now.actions.contains("direct 100% blue") }
        }
        let interrupted = try #require(try await store.unfinishedDeployments().first)
        world.change { $0.hangs = [] }
        try await Bench.run(world: world, store: store) { bench in
            let done = try await bench.verdict(of: interrupted.id)
            #expect(done.phase.verdict?.outcome == .succeeded)
            #expect(world.now.actions.count { $0 == "run build" } == 1)
            #expect(world.now.split[Bench.key] == .all(.blue))
        }
    }

    @Test("tells an edge that has lost its memory exactly what it was doing")
    func lastTraffic() async throws {
        try await Bench.run { bench in
            #expect(try await bench.engine.lastTraffic() == [])
            for commit in ["c1", "c2"] { _ = try await bench.deploy(commit) }
            let told = try #require(try await bench.engine.lastTraffic().first)
            #expect(told.environment == Bench.key)
            #expect(told.split == .all(.green))
            let placements = try #require(bench.world.now.placements[Bench.key])
            #expect(told.placements == [placements[.blue], placements[.green]])
        }
    }

    @Test("retires the warm release when its time has run out, and not before (Invariant 3)")
    func retires() async throws {
        try await Bench.run(manifest: Bench.manifest(keepWarm: .seconds(30))) { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            try await bench.waitUntil { bench.world.now.instances.count == 1 }
            #expect(bench.world.now.instances.keys.map(\.slot) == [.green])
            #expect(try await bench.store.environment(Bench.key)?.warm == nil)
        }
    }
}
