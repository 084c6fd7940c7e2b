// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import TestSupport
import Testing

/// "Can I roll back?", before anybody does.
@Suite("The answer to whether an environment can be rolled back")
struct RollbackAnswerTests {
    @Test("is 'at once' while the release before is warm, and says until when")
    func instant() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            let answer = try await bench.engine.canRollBack(Bench.key, to: nil)
            #expect(
                (answer.way, answer.release, answer.serving) == (.instant, ReleaseID("r1"), ReleaseID("r2"))
            )
            #expect(answer.until == (try await bench.store.environment(Bench.key)?.warmUntil))
            #expect(answer.reasons == ["r1 still runs in blue, without traffic"])
            // What it says is what happens.
            let back = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            let done = try await bench.verdict(of: back.id)
            #expect(done.isWarm && done.phase.verdict?.outcome == .succeeded)
        }
    }

    @Test("is 'after a start' once it has been retired, or when a part of it is gone")
    func restart() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            bench.world.change { facts in
                facts.instances = facts.instances.filter { $0.key.slot == .green }
            }
            let answer = try await bench.engine.canRollBack(Bench.key, to: nil)
            #expect((answer.way, answer.release) == (.restart, ReleaseID("r1")))
            let back = try await bench.engine.rollBack(Bench.key, to: nil, requester: Bench.ada)
            let done = try await bench.verdict(of: back.id)
            #expect(!done.isWarm && done.phase.verdict?.outcome == .succeeded)
        }
    }

    @Test("is 'build it again' for a release that never got that far")
    func rebuild() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.world.change { $0.failures = ["run build": [Failure(.buildFailed, "no")]] }
            _ = try await bench.deploy("c2")
            let answer = try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r2"))
            #expect((answer.way, answer.reasons) == (.rebuild, ["r2 was never built to its end"]))
        }
    }

    @Test("lets a release back that has served with the schema, and says so")
    func servedWithSchema() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            bench.migrates("0002")
            _ = try await bench.deploy("c2")
            let answer = try await bench.engine.canRollBack(Bench.key, to: nil)
            #expect(answer.way == .instant && answer.migrations.map(\.revision) == ["0002"])
            #expect(
                answer.reasons.last?.contains("r1 still had the traffic: it has served with that schema")
                    == true
            )
        }
    }

    @Test("says what may be broken of it, where that was let through")
    func doubt() async throws {
        var manifest = Bench.manifest()
        manifest.environments[0].refuseMigrations = [.breaksQueries]
        let findings = [
            (
                MigrationVerdict.Finding(.breaksRelease, "notes is gone, and what serves may use it"), "c2",
                "0002",
            ),
            (MigrationVerdict.Finding(.breaksCode, "weight is gone, and model.py names it"), "c3", "0003"),
        ]
        try await Bench.run(manifest: manifest) { bench in
            _ = try await bench.deploy("c1")
            for (finding, commit, revision) in findings {
                bench.migrates(revision)
                bench.world.change { $0.findings = [finding] }
                _ = try await bench.deploy(commit)
                let answer = try await bench.engine.canRollBack(Bench.key, to: nil)
                #expect(answer.way == .instant)
                let doubt = "it has served with that schema; but \(finding.sentence)"
                #expect(answer.reasons.last?.hasSuffix(doubt) == true, "\(answer.reasons)")
            }
        }
    }

    @Test(
        "is 'not without the database' for a release that never served with the schema; the backup and the loss are named"
    )
    func restore() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            bench.migrates("0003")
            let migrating = try await bench.deploy("c3")
            let answer = try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r1"))
            #expect((answer.way, answer.backup, answer.losesSince) == (.restore, "b-db", migrating.begunAt))
            #expect(answer.migrations.map(\.revision) == ["0003"])
            #expect(
                answer.reasons.contains(
                    "migration 0003 was applied since, by d3 first, and r1 has never served with that schema"
                )
            )

            let refusal = await #expect(throws: Failure.self) {
                try await bench.engine.rollBack(Bench.key, to: ReleaseID("r1"), requester: Bench.ada)
            }
            #expect(refusal?.code == .conflict && refusal?.hint?.contains("--to r1 --force") == true)
            #expect(try await bench.store.unfinishedDeployments().isEmpty)
            let forced = try await bench.engine.rollBack(
                Bench.key,
                to: ReleaseID("r1"),
                isForced: true,
                requester: Bench.ada,
            )
            #expect(try await bench.verdict(of: forced.id).phase.verdict?.outcome == .succeeded)
        }
    }

    @Test(
        "finds the way back of Alembic's revisions in their files, whatever those are called, and takes no other function for it",
        arguments: [
            ("def downgrade() -> None:\n    op.drop_table('a')\n", RollbackAnswer.Way.downMigration),
            (
                "def downgrade() -> None:\n    pass\n\n\ndef other() -> None:\n    op.drop_table('a')\n",
                .restore,
            ),
            ("def other() -> None:\n    op.drop_table('a')\n", .restore),
        ],
    )
    func alembicWayBack(ending: String, way: RollbackAnswer.Way) async throws {
        var manifest = Bench.manifest()
        manifest.migrations?.tool = .alembic
        manifest.migrations?.folder = "."
        let (folder, head) = (
            "db/versions", "\"\"\"make it\"\"\"\nrevision = \"0003\"\ndown_revision = \"0002\"\n\n",
        )
        try await Bench.run(manifest: manifest) { bench in
            bench.world.change { facts in
                facts.paths = ["\(folder)/__init__.py", "\(folder)/20260101_make_it.py", "seed.py"]
                facts.files = [
                    "\(folder)/20260101_make_it.py":
                        "\(head)def upgrade() -> None:\n    op.create_table('a')\n\n\n\(ending)",
                    // Outside of any folder of revisions.
                    "seed.py": "\(head)def downgrade() -> None:\n    op.drop_table('a')\n",
                ]
            }
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            bench.migrates("0003")
            _ = try await bench.deploy("c3")
            #expect(try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r1")).way == way)
        }
    }

    @Test("knows of a migration whose deployment failed after it, and of one that died in the middle")
    func failedAfterMigration() async throws {
        try await Bench.run { bench in
            _ = try await bench.deploy("c1")
            _ = try await bench.deploy("c2")
            bench.migrates("0003")
            bench.world.change { $0.failures = ["migrate": [Failure(.migrationFailed, "half-way")]] }
            let failed = try await bench.deploy("c3")
            #expect(failed.phase.verdict?.step == .migrate && failed.applied.map(\.revision) == ["0003"])
            #expect(try await bench.engine.canRollBack(Bench.key, to: nil).way == .restore)
        }
    }

    @Test("is refused where the question has no sense")
    func refused() async throws {
        try await Bench.run { bench in
            for (release, code) in [(nil, Failure.Code.conflict), (ReleaseID("r9"), .conflict)] {
                let failure = await #expect(throws: Failure.self) {
                    try await bench.engine.canRollBack(Bench.key, to: release)
                }
                #expect(failure?.code == code)
            }
            _ = try await bench.deploy("c1")
            for (release, code) in [
                (nil, Failure.Code.notFound), (ReleaseID("r1"), .conflict), (ReleaseID("r9"), .notFound),
            ] {
                let failure = await #expect(throws: Failure.self) {
                    try await bench.engine.canRollBack(Bench.key, to: release)
                }
                #expect(failure?.code == code)
            }
        }
    }
}

extension Bench {
    /// The next release brings this migration.
    func migrates(_ revision: String) {
        world.change { $0.pending = [PendingMigration(revision: revision, title: "")] }
    }
}
