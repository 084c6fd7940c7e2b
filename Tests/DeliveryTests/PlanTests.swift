// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Core
import Manifest
import TestSupport
import Testing

@testable import Delivery

/// What is looked at is what is run.
@Suite("A plan")
struct PlanTests {
    @Test("has the digest that the deployment's own plan has, as long as nothing changes in between")
    func sameDigest() async throws {
        try await Bench.run { bench in
            for commit in ["c1", "c2"] {
                let seen = try await bench.engine.preview(Bench.key, reference: commit)
                let done = try await bench.deploy(commit)
                #expect(done.plan == seen.plan)
            }
            let other = try await bench.engine.preview(Bench.key, reference: "c3")
            #expect(other.plan.digest != (try await bench.store.deployment(DeploymentID("d2"))?.plan?.digest))
            #expect(other.expected != nil && other.plan.content.outgoing == ReleaseID("r2"))
        }
    }

    @Test("tells which variables change by their versions, and never what they are")
    func variables() async throws {
        let (world, store) = (ScriptedWorld(), InMemoryDeliveryStore())
        let values: [[String: String]] = [
            ["LEVEL": "info", "TIER": "canary-gold"], ["LEVEL": "debug", "COLOR": "canary-blue"],
            ["LEVEL": "info", "COLOR": "canary-blue", "TIER": "canary-gold"],
        ]
        var told: [[PlanContent.Variable]] = []
        for (number, variables) in values.enumerated() {
            var manifest = Bench.manifest()
            manifest.services[0].variables = variables
            manifest.environments[0].variables = ["REGION": "canary-eu"]
            try await Bench.run(manifest: manifest, world: world, store: store) { bench in
                let seen = try await bench.engine.preview(Bench.key, reference: "c\(number)").plan
                let done = try await bench.deploy("c\(number)")
                #expect(done.plan == seen)
            }
            let deployment = try #require(try await store.deployment(DeploymentID("d\(number + 1)")))
            told.append(try #require(deployment.plan?.content.services.first?.variables))
            #expect(!"\(try #require(deployment.plan))".contains("canary-"))
        }
        #expect(
            told == [
                [.init("LEVEL", 1, nil), .init("REGION", 1, nil), .init("TIER", 1, nil)],
                [
                    .init("COLOR", 1, nil), .init("LEVEL", 2, 1), .init("REGION", 1, 1),
                    .init("TIER", nil, 1),
                ],
                // The same number is the same value, also of one that comes back.
                [
                    .init("COLOR", 1, 1), .init("LEVEL", 1, 2), .init("REGION", 1, 1),
                    .init("TIER", 1, nil),
                ],
            ]
        )
    }

    @Test(
        "numbers values that were never written down in the order of their releases, and no two values alike"
    )
    func numbering() throws {
        func release(_ number: Int, _ value: String?, _ versions: VariableVersions? = nil) -> Release {
            var manifest = Bench.manifest()
            manifest.services[0].variables = value.map { ["A": $0] } ?? [:]
            var release = Release(
                id: ReleaseID("r\(number)"),
                environment: Bench.key,
                commit: Commit(id: CommitID("c"), subject: "", author: "", committedAt: .distantPast),
                manifest: manifest,
                createdAt: .distantPast,
            )
            release.variables = versions
            return release
        }
        let service = Bench.manifest().services[0].name
        var releases: [Release] = []
        var numbers: [Int?] = []
        for (index, value) in ["x", "y", "y", nil, "x", "z", "y"].enumerated() {
            var book = VariableBook(releases)
            let versions = book.enter(release(index, value))
            numbers.append(versions[service, "A"])
            // Every other one was planned by a version that wrote nothing down.
            releases.append(release(index, value, index.isMultiple(of: 2) ? versions : nil))
        }
        #expect(numbers == [1, 2, 2, nil, 1, 3, 2])
        // What nobody remembers but by the highest number is not given again.
        var book = VariableBook([try #require(releases.last)])
        #expect(book.enter(release(9, "w"))[service, "A"] == 4)
    }

    @Test("tells what its migrations will mean, and keeps that out of its digest")
    func verdicts() async throws {
        let world = ScriptedWorld()
        try await Bench.run(world: world) { bench in
            func deploy(_ commit: String) async throws -> Plan {
                world.change { $0.pending = [PendingMigration(revision: "0007", title: "drop notes")] }
                return try #require(try await bench.deploy(commit).plan)
            }
            world.change {
                $0.findings = [
                    .init(.breaksRelease, "notes is gone"), .init(.losesData, "notes is dropped"),
                ]
            }
            // Nothing serves yet that it could break.
            let first = try await deploy("c1")
            #expect(first.verdicts?.map(\.inWords) == ["loses data"])
            let second = try await deploy("c2")
            #expect(second.verdicts?.map(\.inWords) == ["breaks what serves, loses data"])
            let told = bench.store.journal(of: DeploymentID("d2")).map(\.event)
            #expect(told.contains(.note(.plan, "verdict on 0007: breaks what serves, loses data")))
            #expect(told.contains(.note(.plan, "  notes is gone")))

            world.change { $0.failures["rehearse"] = [Failure(.diskFull, "no room for a rehearsal")] }
            let third = try await deploy("c3")
            #expect(third.verdicts?.map(\.inWords) == ["not all known"])
            #expect(third.verdicts?.first?.findings.map(\.sentence) == ["no room for a rehearsal"])
        }
    }

    @Test("lets no migration through that goes to another database")
    func strayMigrations() async throws {
        let world = ScriptedWorld()
        try await Bench.run(world: world) { bench in
            world.change {
                $0.pending = [PendingMigration(revision: "0007", title: "drop notes")]
                $0.failures["rehearse"] = [Failure(.strayMigrations, "they do not use DATABASE_URL")]
            }
            let verdict = try #require(try await bench.deploy("c1").phase.verdict)
            #expect(
                (verdict.outcome, verdict.step, verdict.failure?.code) == (.failed, .plan, .strayMigrations)
            )
            #expect(world.now.pending.map(\.revision) == ["0007"])
        }
    }

    @Test("lets no migration through that fails queries of what serves, unless that was said")
    func brokenQueries() async throws {
        for said in [nil, [MigrationHazard.losesData], []] {
            let world = ScriptedWorld()
            var manifest = Bench.manifest()
            manifest.environments[0].refuseMigrations = said
            try await Bench.run(manifest: manifest, world: world) { bench in
                world.change { facts in
                    facts.pending = [PendingMigration(revision: "0007", title: "drop notes")]
                    facts.findings = [.init(.breaksQueries, "r1 fails with no notes")]
                }
                // Nothing serves yet that it could break.
                #expect(try await bench.deploy("c1").phase.verdict?.outcome == .succeeded)
                world.change { $0.pending = [PendingMigration(revision: "0008", title: "drop more")] }
                let second = try await bench.deploy("c2")
                guard said != [] else {
                    #expect(second.phase.verdict?.outcome == .succeeded)
                    // It is warm, and yet not what anybody should return to.
                    let answer = try await bench.engine.canRollBack(Bench.key, to: nil)
                    #expect((answer.way, answer.leavesDataAlone) == (.restore, false))
                    #expect(
                        answer.reasons.contains(
                            "migration 0008 was applied since, and r1 fails with no notes"
                        )
                    )
                    return
                }
                #expect(second.phase.verdict?.step == .plan)
                #expect(
                    second.phase.verdict?.failure?.message
                        == "migration 0008 fails queries of what serves: r1 fails with no notes, and environments.production.refuse_migrations does not let that through"
                )
            }
        }
    }

    @Test(
        "lets no migration through that takes away what code names, unless what is refused was said without that"
    )
    func brokenCode() async throws {
        let cases: [([MigrationHazard]?, Bool)] = [
            (nil, false), ([.breaksCode], false), ([.breaksRelease], false), ([.losesData], true),
            ([], true),
        ]
        for (said, passes) in cases {
            let world = ScriptedWorld()
            var manifest = Bench.manifest()
            manifest.environments[0].refuseMigrations = said
            try await Bench.run(manifest: manifest, world: world) { bench in
                #expect(try await bench.deploy("c1").phase.verdict?.outcome == .succeeded)
                world.change { facts in
                    facts.pending = [PendingMigration(revision: "0007", title: "drop notes")]
                    facts.findings = [.init(.breaksCode, "notes is gone, and model.py names it")]
                }
                let second = try await bench.deploy("c2")
                #expect(second.phase.verdict?.outcome == (passes ? .succeeded : .failed))
                guard passes else {
                    let hint = second.phase.verdict?.failure?.hint
                    #expect(hint?.contains("maintenance: breaking") == true)
                    #expect(
                        hint?.hasSuffix("such as refuse_migrations: [breaks-queries]") == true,
                        "\(hint ?? "")",
                    )
                    return
                }
                // Who has let it through knows better than a word in a file.
                #expect(try await bench.engine.canRollBack(Bench.key, to: nil).way == .instant)
            }
        }
    }

    @Test("lets no migration through that is to be verified and could not be")
    func unverified() async throws {
        for refused in [[MigrationHazard.failsVerification], [.irreversible]] {
            let world = ScriptedWorld()
            var manifest = Bench.manifest()
            manifest.environments[0].refuseMigrations = refused
            try await Bench.run(manifest: manifest, world: world) { bench in
                world.change { facts in
                    facts.pending = [PendingMigration(revision: "0007", title: "drop notes")]
                    facts.failures["rehearse and verify"] = [Failure(.diskFull, "no room")]
                }
                let deployment = try await bench.deploy("c1")
                #expect(deployment.phase.verdict?.step == .plan)
                #expect(
                    deployment.phase.verdict?.failure?.message
                        .contains(
                            "migration 0007 is not verified: it could not be verified: no room"
                        ) == true
                )
                #expect(!world.now.actions.contains("migrate"))
                let second = try await bench.deploy("c2")
                #expect(second.phase.verdict?.outcome == .succeeded)
            }
        }
    }

    @Test("is run exactly when it is asked for, and refused before anything once it no longer holds")
    func required() async throws {
        try await Bench.run { bench in
            let seen = try await bench.engine.preview(Bench.key, reference: "c1").plan.digest.rawValue
            for wrong in ["", "digest", "another-plan"] {
                let refusal = await #expect(throws: Failure.self) {
                    try await bench.deploy("c1", plan: wrong)
                }
                #expect(refusal?.code == .conflict)
            }
            #expect(try await bench.store.deployments(of: nil, limit: 1).isEmpty)
            let done = try await bench.deploy("c1", plan: seen)
            #expect(done.phase.verdict?.outcome == .succeeded && done.plan?.digest.rawValue == seen)
            let lapsed = await #expect(throws: Failure.self) { try await bench.deploy("c1", plan: seen) }
            #expect(lapsed?.message.contains("does not hold") == true)
        }
    }

    @Test("that the built release contradicts ends its deployment before anything is changed")
    func contradicted() async throws {
        try await Bench.run { bench in
            let seen = try await bench.engine.preview(Bench.key, reference: "c1").plan.digest.rawValue
            bench.world.change { $0.pending = [PendingMigration(revision: "0007", title: "surprise")] }
            let verdict = try #require(try await bench.deploy("c1", plan: seen).phase.verdict)
            #expect((verdict.outcome, verdict.step, verdict.failure?.code) == (.failed, .plan, .conflict))
            #expect(verdict.failure?.evidence.first == "would apply 0007 surprise")
            #expect(!bench.world.now.actions.contains { $0.hasPrefix("start") || $0.hasPrefix("back up") })
        }
    }

    @Test("A file of Prisma's is its folder; a way back is no migration")
    func prismaFiles() throws {
        let path = "prisma/migrations/20240215083000_add_weight/migration.sql"
        let file = try #require(MigrationFile(path: path, text: "", tool: .prisma))
        #expect(file.migration.revision == "20240215083000_add_weight")
        #expect(file.migration.title == "add weight")
        for other in [
            "prisma/migrations/20240215083000_add_weight/down.sql", "prisma/migrations/migration_lock.toml",
        ] {
            #expect(MigrationFile(path: other, text: "", tool: .prisma) == nil)
        }
        #expect(MigrationFile(path: "db/0002_add_weight.down.sql", text: "", tool: .sql) == nil)
    }

    @Test("looks for Alembic's revisions wherever they lie below its alembic.ini, and for no other programs")
    func alembicPaths() {
        let paths = [
            "backend/alembic.ini", "backend/migrations/env.py", "backend/migrations/versions/0001_a.py",
            "backend/db/versions/2026/0002_b.py", "backend/app/versions.py",
            "other/migrations/versions/0003_c.py",
        ]
        var manifest = Bench.manifest()
        manifest.services[0].path = "backend"
        manifest.migrations?.tool = .alembic
        manifest.migrations?.folder = "."
        #expect(
            manifest.migrationPaths(among: paths)
                == ["backend/migrations/versions/0001_a.py", "backend/db/versions/2026/0002_b.py"]
        )
        manifest.migrations?.folder = "db"
        #expect(manifest.migrationPaths(among: paths) == ["backend/db/versions/2026/0002_b.py"])
        manifest.services[0].path = "."
        manifest.migrations?.tool = .sql
        manifest.migrations?.folder = "migrations"
        #expect(
            manifest.migrationPaths(among: paths + ["migrations/0001_a.sql"]) == ["migrations/0001_a.sql"]
        )
    }

    @Test("reads migrations off their files as the tool would tell them")
    func migrationFiles() throws {
        let sql = try #require(MigrationFile(path: "db/0002_add_weight.sql", text: "", tool: .sql))
        #expect(sql.migration == PendingMigration(revision: "0002", title: "add weight"))
        for path in ["db/README.md", "db/2_x.sql", "db/seed.sql"] {
            #expect(MigrationFile(path: path, text: "", tool: .sql) == nil)
        }
        let text = """
            \"\"\"add weight

            Revision ID: 3f2a
            \"\"\"
            from alembic import op

            revision: str = "3f2a"
            down_revision: str | None = '1b7c'
            """
        let alembic = try #require(MigrationFile(path: "a/versions/3f2a_add.py", text: text, tool: .alembic))
        #expect(alembic.migration == PendingMigration(revision: "3f2a", title: "add weight"))
        let older = text.split(separator: "3f2a").joined(separator: "1b7c")
            .split(separator: "'1b7c'").joined(separator: "None")
        let first = try #require(MigrationFile(path: "a/versions/1b7c_make.py", text: older, tool: .alembic))
        #expect([alembic, first].inOrder.map(\.revision) == ["1b7c", "3f2a"])
        for other in ["", "revision = 'r1'\n"] {
            #expect(MigrationFile(path: "a/versions/__init__.py", text: other, tool: .alembic) == nil)
        }
    }
}

extension Bench {
    fileprivate func deploy(_ commit: String, plan: String) async throws -> Deployment {
        let order = try await engine.deploy(Self.key, reference: commit, plan: plan, requester: Self.ada)
        return try await verdict(of: order.id)
    }
}

extension PlanContent.Variable {
    fileprivate init(_ name: String, _ version: Int?, _ outgoing: Int?) {
        self.init(name: name, version: version, outgoing: outgoing)
    }
}
