// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Manifest
import TestSupport
import Testing

@Suite("A restore into an environment")
struct RestoreTests {
    private static let backup = Restoration(
        source: .backup("b7"),
        accessory: AccessoryName("db"),
        asOf: Date(timeIntervalSince1970: 1_800_000_000),
    )

    private func restore(_ bench: Bench, _ restoration: Restoration = backup) async throws -> Deployment {
        let ordered = try await bench.engine.restore(Bench.key, restoration, requester: Bench.ada)
        return try await bench.verdict(of: ordered.id)
    }

    /// What was done to the database and the services, without probes.
    private func actions(_ bench: Bench) -> [String] {
        bench.world.now.actions.filter { action in
            ["prepare", "shut", "back up", "exchange", "restart", "take back"]
                .contains { action.hasPrefix($0) }
        }
    }

    @Test(
        "puts the backup in the database's place, with a last backup of what was there, and starts the services anew"
    )
    func done() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            let before = try await bench.store.environment(Bench.key)
            bench.world.change { $0.actions = [] }
            let done = try await restore(bench)
            #expect(done.phase.verdict == Verdict(outcome: .succeeded))
            #expect(
                actions(bench)
                    == ["prepare backup b7", "shut", "back up db", "exchange", "restart blue r1"]
            )
            #expect(bench.world.now.databases == ["tracehub": "b7", "kept by d2": "present"])
            #expect(!bench.world.now.isShut)
            #expect(done.backups.map(\.id) == ["b-db"])
            #expect(try await bench.store.environment(Bench.key) == before)
        }
    }

    @Test("is taken back by another one, which keeps what the first had put there")
    func undo() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            let first = try await restore(bench)
            let back = Restoration(
                source: .kept(by: first.id, as: "d2_x"),
                accessory: AccessoryName("db"),
                asOf: .now,
            )
            #expect(try await restore(bench, back).phase.verdict?.outcome == .succeeded)
            #expect(bench.world.now.databases == ["tracehub": "present", "kept by d3": "b7"])
        }
    }

    @Test(
        "leaves the database as it was, open and with nothing beside it, whatever fails",
        arguments: ["prepare", "shut", "back up", "exchange", "restart"],
    )
    func failing(action: String) async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.failures[action] = [Failure(.programFailed, "no")] }
            let done = try await restore(bench)
            #expect(done.phase.verdict?.outcome == .failed)
            #expect(done.phase.verdict?.undone == [.returnDatabase])
            #expect(bench.world.now.databases == ["tracehub": "present"])
            #expect(!bench.world.now.isShut)
            let restarts = actions(bench).split(separator: "take back").last ?? []
            // Only who may have seen the other data is started anew.
            #expect(restarts.contains("restart blue r1") == ["exchange", "restart"].contains(action))
        }
    }

    @Test("gives the database back when the services are not healthy with the other data")
    func unhealthy() async throws {
        try await Bench.run(manifest: Bench.manifest(within: .seconds(60))) { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.health[ReleaseID("r1")] = 503 }
            let done = try await restore(bench)
            #expect(done.phase.verdict?.step == .health)
            #expect(bench.world.now.databases == ["tracehub": "present"])
            #expect(actions(bench).suffix(2) == ["take back", "restart blue r1"])
        }
    }

    @Test(
        "goes on where it was when the control plane is started again",
        arguments: ["prepare", "shut", "back up", "exchange", "restart", "get"],
    )
    func resumed(action: String) async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        try await Bench.run(world: world, store: store) { bench in
            _ = try await bench.deploy("c1")
            world.change { facts in
                facts.actions = []
                facts.hangs = [action]
            }
            _ = try await bench.engine.restore(Bench.key, Self.backup, requester: Bench.ada)
            try await bench.waitUntil { world.now.actions.contains { $0.hasPrefix(action) } }
        }
        world.change { $0.hangs = [] }
        try await Bench.run(world: world, store: store) { bench in
            let done = try await bench.verdict(of: DeploymentID("d2"))
            #expect(done.phase.verdict?.outcome == .succeeded)
            #expect(world.now.databases == ["tracehub": "b7", "kept by d2": "present"])
            #expect(!world.now.isShut)
        }
    }

    @Test("is not superseded by a push, which follows it; a person may cancel it")
    func order() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.hangs = ["back up"] }
            let ordered = try await bench.engine.restore(Bench.key, Self.backup, requester: Bench.ada)
            try await bench.waitUntil { bench.world.now.isShut }
            let pushed = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada)
            #expect(try await bench.store.deployment(ordered.id)?.isOver == false)
            let refused = await #expect(throws: Failure.self) {
                try await bench.engine.restore(Bench.key, Self.backup, requester: Bench.ada)
            }
            #expect(refused?.message.hasPrefix("d2 is under way") == true)
            bench.world.change { $0.hangs = [] }
            try await bench.engine.cancel(ordered.id, by: "Ada")
            #expect(try await bench.verdict(of: ordered.id).phase.verdict?.outcome == .cancelled)
            #expect(bench.world.now.databases == ["tracehub": "present"])
            #expect(!bench.world.now.isShut)
            #expect(try await bench.verdict(of: pushed.id).phase.verdict?.outcome == .succeeded)
        }
    }

    @Test("is refused where nothing serves, and for a database that there is not")
    func refused() async throws {
        try await Bench.run { bench in
            await #expect(throws: Failure.self) {
                try await bench.engine.restore(Bench.key, Self.backup, requester: Bench.ada)
            }
            _ = try await bench.deploy("c1")
            var other = Self.backup
            other.accessory = AccessoryName("cache")
            let failure = await #expect(throws: Failure.self) {
                try await bench.engine.restore(Bench.key, other, requester: Bench.ada)
            }
            #expect(failure?.code == .notFound)
            #expect(bench.world.now.databases == ["tracehub": "present"])
        }
    }

    @Test("is known to whoever asks for a rollback: what it took away no release counts on")
    func history() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            let second = try await bench.deploy("c2")
            bench.migrates("0002")
            _ = try await bench.deploy("c3")
            _ = try await bench.deploy("c4")
            #expect(try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r1")).way == .restore)
            var restoration = Self.backup
            restoration.asOf = try #require(second.concludedAt)
            #expect(try await restore(bench, restoration).phase.verdict?.outcome == .succeeded)
            // The schema is the first release's again.
            let oldest = try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r1"))
            #expect(oldest.leavesDataAlone && oldest.migrations.isEmpty, "\(oldest.reasons)")
            let middle = try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r3"))
            #expect(middle.way == .rebuild)
            #expect(middle.reasons.last?.hasPrefix("d5 has put backup b7 in the database's place") == true)
        }
    }

    @Test("leaves no release warm: one that remembers other data passes its gates again")
    func warm() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            #expect(try await bench.engine.canRollBack(Bench.key, to: nil).way == .instant)
            #expect(try await restore(bench).phase.verdict?.outcome == .succeeded)
            #expect(try await bench.engine.canRollBack(Bench.key, to: nil).way == .restart)
            let back = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            let done = try await bench.verdict(of: back.id)
            #expect(!done.isWarm && done.phase.verdict?.outcome == .succeeded)
            #expect(done.plan?.content.steps.contains(.start) == true)
        }
    }
}
