// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Core
import Manifest
import TestSupport
import Testing

@testable import Delivery

@Suite("Maintenance: nobody is served while the schema changes to one that what serves does not bear")
struct MaintenanceTests {
    private static let drop = PendingMigration(revision: "0007", title: "drop notes")
    private static let broken = MigrationVerdict.Finding(.breaksQueries, "r1 fails with no column notes")

    private static func manifest(
        _ maintenance: EnvironmentManifest.Maintenance = .breaking,
        within: Duration = .seconds(1500),
    ) -> ProjectManifest {
        var manifest = Bench.manifest(within: within)
        manifest.environments[0].maintenance = maintenance
        return manifest
    }

    /// What was done to the database and the traffic.
    private func actions(_ bench: Bench) -> [String] {
        bench.world.now.actions.filter { action in
            ["back up", "drill", "migrate", "revert", "start", "stop", "direct"]
                .contains { action.hasPrefix($0) }
        }
    }

    /// A release serves, and a migration is pending that it does not bear.
    private func serving(_ bench: Bench) async throws {
        _ = try await bench.deploy("c1")
        bench.world.change { facts in
            facts.actions = []
            facts.pending = [Self.drop]
            facts.findings = [Self.broken]
            facts.paths = ["migrations/0007_drop_notes.sql", "migrations/0007_drop_notes.down.sql"]
        }
    }

    @Test(
        "lasts from after the drain to the switch; then only its schema leads back, and nothing is kept warm"
    )
    func succeeds() async throws {
        try await Bench.run(manifest: Self.manifest()) { bench in
            try await serving(bench)
            let done = try await bench.deploy("c2")
            #expect(done.phase.verdict == Verdict(outcome: .succeeded))
            #expect(
                done.plan?.content.steps == [
                    .backup, .drill, .start, .health, .close, .drain, .migrate, .healthAfterMigration, .smoke,
                    .shift(percent: 100), .stability, .external,
                ]
            )
            #expect(
                Array(actions(bench).prefix(6)) == [
                    "back up db", "drill db", "start green r2",
                    "direct nowhere: closed for maintenance", "direct nowhere: closed for maintenance",
                    "migrate",
                ],
                "\(actions(bench))",
            )
            let record = try #require(try await bench.store.environment(Bench.key))
            #expect(record.warmUntil.map { $0 <= done.concludedAt ?? .distantPast } ?? true)
            let answer = try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r1"))
            #expect(answer.way == .downMigration, "\(answer.reasons)")
        }
    }

    @Test("is not asked for by migrations that what serves bears, nor by the first ones")
    func notNeeded() async throws {
        try await Bench.run(manifest: Self.manifest()) { bench in
            bench.world.change { $0.findings = [Self.broken] }
            bench.world.change { $0.pending = [Self.drop] }
            let first = try await bench.deploy("c1")
            #expect(
                first.phase.verdict?.outcome == .succeeded
                    && first.plan?.content.steps.contains(.close) == false
            )
            bench.world.change { facts in
                facts.findings = [.init(.losesData, "notes has rows")]
                facts.pending = [Self.drop]
            }
            let second = try await bench.deploy("c2")
            #expect(second.plan?.content.steps.contains(.migrate) == true && !second.closes)
        }
        try await Bench.run(manifest: Self.manifest(.migrations)) { bench in
            try await serving(bench)
            bench.world.change { $0.findings = [] }
            let second = try await bench.deploy("c2")
            #expect(second.phase.verdict?.outcome == .succeeded && second.closes)
        }
    }

    @Test("is not begun for what can't be taken back; refuse_migrations: [] lets it through")
    func irreversible() async throws {
        var manifest = Self.manifest()
        try await Bench.run(manifest: manifest) { bench in
            try await serving(bench)
            bench.world.change { $0.findings = [Self.broken, .init(.irreversible, "it has no way down")] }
            let refused = try await bench.deploy("c2")
            #expect(refused.phase.verdict?.step == .plan && actions(bench) == [])
            let failure = try #require(refused.phase.verdict?.failure)
            #expect(
                failure.message
                    == "migration 0007 can't be taken back: it has no way down, and nobody could go back"
            )
            #expect(failure.hint?.hasPrefix("say how it is taken back (opshub migrate verify") == true)
        }
        manifest.environments[0].refuseMigrations = []
        try await Bench.run(manifest: manifest) { bench in
            try await serving(bench)
            let done = try await bench.deploy("c2")
            #expect(done.phase.verdict?.outcome == .succeeded && done.closes)
        }
    }

    @Test("ends with the schema as it was, and only then with requests for what served before")
    func takenBack() async throws {
        try await Bench.run(manifest: Self.manifest(within: .seconds(20))) { bench in
            try await serving(bench)
            bench.world.change { $0.healthAfterMigration[ReleaseID("r2")] = 500 }
            let failed = try await bench.deploy("c2")
            #expect(failed.phase.verdict?.step == .healthAfterMigration)
            #expect(failed.phase.verdict?.undone == [.stopIncoming, .returnSchema, .returnTraffic])
            #expect(
                Array(actions(bench).suffix(4)) == [
                    "stop green", "back up db before d2 is taken back", "revert 0007 with r2",
                    "direct 100% blue",
                ],
                "\(actions(bench))",
            )
            #expect(failed.applied == [])
            #expect(try await bench.store.environment(Bench.key)?.serving?.release == ReleaseID("r1"))
        }
    }

    @Test("begins again for a release that had the traffic, whose rows are backed up before its schema goes")
    func afterTheSwitch() async throws {
        try await Bench.run(manifest: Self.manifest()) { bench in
            try await serving(bench)
            bench.world.change { $0.failing[.green] = 1000 }
            let failed = try await bench.deploy("c2")
            #expect(failed.phase.verdict?.step == .stability, "\(failed.phase)")
            #expect(
                failed.phase.verdict?.undone
                    == [.close, .drainIncoming, .stopIncoming, .returnSchema, .returnTraffic]
            )
            #expect(
                Array(actions(bench).suffix(5)) == [
                    "direct nowhere: closed for maintenance", "stop green",
                    "back up db before d2 is taken back", "revert 0007 with r2", "direct 100% blue",
                ],
                "\(actions(bench))",
            )
            let told = bench.store.journal(of: failed.id).map { "\($0.event)" }
            #expect(
                told.contains { $0.contains("what r2 has written is in backup b-db-return") }
            )
        }
    }

    @Test("waits for a schema that comes back at a later attempt, and backs up only once")
    func atLast() async throws {
        try await Bench.run(manifest: Self.manifest()) { bench in
            try await serving(bench)
            bench.world.change { facts in
                facts.failing[.green] = 1000
                facts.failures["revert 0007 with r2"] = Array(
                    repeating: Failure(.migrationFailed, "the server was started anew"),
                    count: 2,
                )
            }
            let failed = try await bench.deploy("c2")
            #expect(actions(bench).count { $0.hasPrefix("revert") } == 3)
            #expect(actions(bench).last == "direct 100% blue" && failed.applied == [])
            #expect(failed.backups.map(\.id) == ["b-db", "b-db-return"])
        }
    }

    @Test("is kept by an edge that has lost its memory meanwhile")
    func lostMemory() async throws {
        try await Bench.run(manifest: Self.manifest()) { bench in
            try await serving(bench)
            bench.world.change { _ = $0.hangs.insert("migrate") }
            let ordered = try await bench.engine.deploy(Bench.key, reference: "c2", requester: Bench.ada)
            try await bench.waitUntil { bench.world.now.actions.contains("migrate") }
            let during = try await bench.engine.lastTraffic().first
            #expect(during?.split == .closed)
            try await bench.engine.cancel(ordered.id, by: "Ada")
            _ = try await bench.verdict(of: ordered.id)
            let after = try await bench.engine.lastTraffic().first
            #expect(after?.split == .all(.blue))
        }
    }

    @Test("ends all the same when the schema can't be brought back, and says so")
    func notBack() async throws {
        try await Bench.run(manifest: Self.manifest()) { bench in
            try await serving(bench)
            bench.world.change { facts in
                facts.failing[.green] = 1000
                facts.failures["back up db before d2 is taken back"] = Array(
                    repeating: Failure(.diskFull, "no room"),
                    count: 10,
                )
            }
            let failed = try await bench.deploy("c2")
            #expect(failed.phase.verdict?.undone.last == .returnTraffic && failed.applied == [Self.drop])
            #expect(!actions(bench).contains { $0.hasPrefix("revert") })
            let told = bench.store.journal(of: failed.id).map { "\($0.event)" }
            #expect(
                told.contains {
                    $0.contains(
                        "THE SCHEMA IS NOT BACK, and what serves may not work with it: no room; as it was before, everything is in backup b-db: opshub backup restore b-db -e production --dry-run"
                    )
                },
                "\(told)",
            )
            #expect(!told.contains { $0.hasPrefix("undone(return the schema") })
        }
    }

    private static let steps: [Step] = [
        .backup, .drill, .start, .health, .close, .drain, .migrate, .healthAfterMigration, .smoke,
        .shift(percent: 100), .stability, .external,
    ]

    @Test(
        "is undone from whatever step, traffic last; nothing newer comes in between",
        arguments: steps.indices,
    )
    func fromEveryStep(index: Int) throws {
        let step = Self.steps[index]
        var machine = DeploymentMachine()
        _ = try machine.apply(.begun(course: Self.steps))
        for earlier in Self.steps[..<index] { _ = try machine.apply(.finished(earlier)) }
        let before = Self.steps[...index]
        let isClosed = before.contains(.close)
        #expect(
            machine.phase.isInMaintenance
                == (isClosed && !Self.steps[..<index].contains(.shift(percent: 100)))
        )
        var superseded = machine
        #expect(((try? superseded.apply(.superseded(Sample.failure))) == nil) == isClosed)
        var effects = try machine.apply(.failed(step, Sample.failure))
        var undone: [UndoStep] = []
        while case .undo(let back, 1)? = effects.last {
            #expect(machine.phase.isInMaintenance == isClosed)
            undone.append(back)
            effects = try machine.apply(.undone(back))
        }
        let moved: [UndoStep] = before.contains(.shift(percent: 100)) ? [.close, .drainIncoming] : []
        let schema: [UndoStep] = before.contains(.migrate) ? [.returnSchema] : []
        let started: [UndoStep] = before.contains(.start) ? [.stopIncoming] : []
        #expect(undone == moved + started + schema + (isClosed ? [.returnTraffic] : []))
    }
}
