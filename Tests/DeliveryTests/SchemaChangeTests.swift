// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import TestSupport
import Testing

@Suite("Migrations that are taken back, or brought without a release")
struct SchemaChangeTests {
    private static let added = PendingMigration(revision: "0007", title: "drop notes")

    /// What was done to the database and the traffic.
    private func actions(_ bench: Bench) -> [String] {
        bench.world.now.actions.filter { action in
            ["back up", "drill", "migrate", "reapply", "revert", "start", "direct"]
                .contains { action.hasPrefix($0) }
        }
    }

    /// Two releases, the second with a migration.
    private func migrated(_ bench: Bench) async throws {
        _ = try await bench.deploy("c1")
        bench.world.change { $0.pending = [Self.added] }
        _ = try await bench.deploy("c2")
        bench.world.change { facts in
            facts.actions = []
            facts.wayBack = [Self.added]
        }
    }

    @Test("come after a backup that was proven, under the release that serves, which is asked for its health")
    func down() async throws {
        try await Bench.run { bench in
            try await migrated(bench)
            let before = try await bench.store.environment(Bench.key)
            let (migrations, objections, _) = try await bench.engine.wayBack(Bench.key, to: ["0006"])
            #expect((migrations, objections) == ([Self.added], []))
            let ordered = try await bench.engine.takeSchemaBack(
                Bench.key,
                to: ["0006"],
                isForced: false,
                requester: Bench.ada,
            )
            let done = try await bench.verdict(of: ordered.id)
            #expect(done.phase.verdict == Verdict(outcome: .succeeded))
            #expect(actions(bench) == ["back up db", "drill db", "revert 0007 with r2"])
            #expect((done.kind, done.release, done.reverted) == (.schema, ReleaseID("r2"), [Self.added]))
            #expect(try await bench.store.environment(Bench.key) == before)
            // The release before has the schema that it had.
            let answer = try await bench.engine.canRollBack(Bench.key, to: nil)
            #expect(answer.leavesDataAlone && answer.migrations.isEmpty)

            bench.world.change { $0.pending = [Self.added] }
            let back = try await bench.engine.bringSchema(Bench.key, requester: Bench.ada)
            #expect(try await bench.verdict(of: back.id).phase.verdict == Verdict(outcome: .succeeded))
            let again = try await bench.engine.canRollBack(Bench.key, to: nil)
            #expect(again.migrations == [Self.added])
        }
    }

    @Test("are refused with every objection, when there is nothing to do, and when refuse_migrations says so")
    func refused() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].refuseMigrations = [.losesData]
        try await Bench.run(manifest: manifest) { bench in
            try await migrated(bench)
            bench.world.change { $0.objections = ["0007: can't be taken back", "0006: leaves x behind"] }
            let objected = await #expect(throws: Failure.self) {
                try await bench.engine.takeSchemaBack(
                    Bench.key,
                    to: ["0006"],
                    isForced: false,
                    requester: Bench.ada,
                )
            }
            #expect(objected?.message == "the migrations do not go back wholly: 0007: can't be taken back")
            #expect(objected?.evidence.count == 2)
            bench.world.change { $0.wayBack = [] }
            let nothing = await #expect(throws: Failure.self) {
                try await bench.engine.takeSchemaBack(
                    Bench.key,
                    to: ["0007"],
                    isForced: false,
                    requester: Bench.ada,
                )
            }
            #expect(nothing?.message.hasSuffix("nothing was applied since") == true)
            let up = await #expect(throws: Failure.self) {
                try await bench.engine.bringSchema(Bench.key, requester: Bench.ada)
            }
            #expect(up?.message == "nothing is pending for the release that serves tracehub/production")
            bench.world.change { facts in
                facts.pending = [Self.added]
                facts.findings = [.init(.losesData, "notes is dropped")]
            }
            let dangerous = await #expect(throws: Failure.self) {
                try await bench.engine.bringSchema(Bench.key, requester: Bench.ada)
            }
            #expect(dangerous?.code == .gateFailed)
            #expect(actions(bench) == [])
        }
    }

    /// Three releases, the third with a migration that says how it is taken back.
    private func migratedTwiceAfter(_ bench: Bench) async throws {
        _ = try await bench.deploy("c1")
        _ = try await bench.deploy("c2")
        bench.world.change { facts in
            facts.pending = [Self.added]
            facts.paths = ["migrations/0007_drop_notes.sql", "migrations/0007_drop_notes.down.sql"]
        }
        _ = try await bench.deploy("c3")
        bench.world.change { $0.actions = [] }
    }

    @Test("go back with a rollback, before its release gets traffic; then nothing keeps anybody from either")
    func rollback() async throws {
        try await Bench.run { bench in
            try await migratedTwiceAfter(bench)
            let r1 = ReleaseID("r1")
            #expect(try await bench.engine.canRollBack(Bench.key, to: r1).way == .downMigration)
            let needless = await #expect(throws: Failure.self) {
                try await bench.engine.rollBack(
                    Bench.key,
                    to: ReleaseID("r2"),
                    takesSchemaBack: true,
                    requester: Bench.ada,
                )
            }
            #expect(needless?.message == "r2 works with the schema as it is, so none of it is taken back")
            let ordered = try await bench.engine.rollBack(
                Bench.key,
                to: r1,
                takesSchemaBack: true,
                requester: Bench.ada,
            )
            let done = try await bench.verdict(of: ordered.id)
            #expect(done.phase.verdict == Verdict(outcome: .succeeded))
            #expect(done.plan?.content.reverts == [Self.added] && done.plan?.content.migrations == [])
            let steps = try #require(done.plan?.content.steps)
            #expect(
                Array(steps.prefix(7))
                    == [.backup, .drill, .start, .health, .revert, .healthAfterMigration, .smoke]
            )
            let order = actions(bench).filter { !$0.hasPrefix("start") }
            #expect(Array(order.prefix(3)) == ["back up db", "drill db", "revert 0007 with r3"], "\(order)")
            #expect(try await bench.store.environment(Bench.key)?.serving?.release == r1)
            // What is gone now, only a deployment brings again.
            let forward = try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r3"))
            #expect(forward.way == .rebuild)
            #expect(
                forward.reasons.contains {
                    $0.contains("has taken back 0007, migrations that r3 has served with")
                }
            )
            #expect(try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r2")).leavesDataAlone)
        }
    }

    @Test("are applied again when the release that they went for does not come up")
    func takenBack() async throws {
        try await Bench.run(manifest: Bench.manifest(within: .seconds(20))) { bench in
            try await migratedTwiceAfter(bench)
            bench.world.change {
                $0.failures["revert 0007 with r3"] = [Failure(.migrationFailed, "half-way")]
            }
            let ordered = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r1"),
                takesSchemaBack: true,
                requester: Bench.ada,
            )
            let failed = try await bench.verdict(of: ordered.id)
            #expect(failed.phase.verdict?.step == .revert)
            #expect(failed.phase.verdict?.undone == [.returnSchema, .stopIncoming])
            #expect(actions(bench).last == "reapply 0007 with r3" && failed.reverted == nil)
            let told = bench.store.journal(of: ordered.id).map { "\($0.event)" }
            #expect(told.contains { $0.hasPrefix("undone(return the schema") }, "\(told)")
            #expect(try await bench.store.environment(Bench.key)?.serving?.release == ReleaseID("r3"))
            #expect(try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r1")).way == .downMigration)
        }
    }

    @Test(
        "leave what they cost in the backup when the rows that are there by now do not bear them, and say so"
    )
    func notBack() async throws {
        try await Bench.run { bench in
            try await migratedTwiceAfter(bench)
            bench.world.change { facts in
                facts.failures["revert 0007 with r3"] = [Failure(.migrationFailed, "half-way")]
                facts.failures["reapply 0007 with r3"] = Array(
                    repeating: Failure(.migrationFailed, "kind is null in a row"),
                    count: 3,
                )
            }
            let ordered = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r1"),
                takesSchemaBack: true,
                requester: Bench.ada,
            )
            let failed = try await bench.verdict(of: ordered.id)
            // It ends, what serves serves on, and nobody takes the schema for whole.
            #expect(failed.phase.verdict?.step == .revert && failed.reverted == [Self.added])
            #expect(try await bench.store.environment(Bench.key)?.serving?.release == ReleaseID("r3"))
            let told = bench.store.journal(of: ordered.id).map { "\($0.event)" }
            #expect(
                told.contains {
                    $0.contains(
                        "THE SCHEMA IS NOT BACK, and what serves may not work with it: kind is null in a row; as it was before, everything is in backup b-db"
                    )
                }
            )
            #expect(!told.contains { $0.hasPrefix("undone(return the schema") }, "\(told)")
        }
    }

    @Test("end what was warm with them: it gets no traffic before they are applied again")
    func warm() async throws {
        try await Bench.run { bench in
            try await migratedTwiceAfter(bench)
            let back = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r1"),
                takesSchemaBack: true,
                requester: Bench.ada,
            )
            _ = try await bench.verdict(of: back.id)
            #expect(try await bench.store.environment(Bench.key)?.warm?.release == ReleaseID("r3"))
            bench.world.change { facts in
                facts.pending = [Self.added]
                facts.actions = []
            }
            let forward = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r3"),
                requester: Bench.ada,
            )
            let done = try await bench.verdict(of: forward.id)
            #expect(!done.isWarm && done.applied == [Self.added])
            #expect(actions(bench).contains("migrate"))
        }
    }

    @Test("go back once that a failed attempt and the next one have both noted")
    func twice() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            bench.world.change { facts in
                facts.pending = [Self.added]
                facts.paths = ["migrations/0007_drop_notes.sql", "migrations/0007_drop_notes.down.sql"]
                facts.failures["migrate"] = [Failure(.migrationFailed, "lock timeout")]
            }
            #expect(try await bench.deploy("c3").phase.verdict?.step == .migrate)
            #expect(try await bench.deploy("c4").phase.verdict?.outcome == .succeeded)
            bench.world.change { $0.actions = [] }
            let back = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r1"),
                takesSchemaBack: true,
                requester: Bench.ada,
            )
            #expect(try await bench.verdict(of: back.id).phase.verdict?.outcome == .succeeded)
            #expect(actions(bench).contains("revert 0007 with r4"))
        }
    }
}
