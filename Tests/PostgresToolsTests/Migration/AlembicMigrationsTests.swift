// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem
import Manifest
import Testing

@testable import PostgresTools

@Suite("Alembic migrations of a real database", .tags(.postgres, .slow), .postgresCluster)
struct AlembicMigrationsTests {
    private func bench(
        _ project: AlembicProject,
        lockTimeout: Duration = .seconds(5),
        attempts: Int = 2,
    ) async throws -> MigrationBench {
        MigrationBench(
            try await RunningCluster.current.makeDatabase(),
            .alembic,
            AlembicMigrations(builder: AccountBuildRunner(), lockTimeout: lockTimeout),
            in: project.folder,
            attempts: attempts,
        )
    }

    private func revisions(_ names: String...) -> [MigrationRevision] { names.map { MigrationRevision($0) } }

    private func project(_ cases: String...) async throws -> AlembicProject {
        let project = try await AlembicProject.make(in: RunningCluster.current.home)
        for name in cases { try project.add(name) }
        try await project.seal()
        return project
    }

    @Test("They are told, applied by the application's role to the head, and then nothing is left to do")
    func success() async throws {
        let bench = try await bench(try await project())
        let before = try await bench.outlook()
        #expect(before.current.isEmpty)
        #expect(before.pending.map(\.description) == ["0001 create shipments", "0002 add shipment weight"])
        #expect(before.targets == [MigrationRevision("0002")])
        #expect(try await bench.database.value("SELECT to_regclass('alembic_version') IS NULL") == "t")

        let outcome = try await bench.apply(revisions("0001", "0002"))

        #expect(outcome.before.isEmpty && outcome.after == [MigrationRevision("0002")])
        #expect(outcome.applied.count == 2 && outcome.attempts == 1)
        #expect(bench.lines.all.contains { $0.contains("Running upgrade 0001 -> 0002, add shipment weight") })
        let owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'shipments'"
        #expect(try await bench.database.value(owner) == "tracehub")
        #expect(try await bench.apply([]).applied.isEmpty)
    }

    @Test("A revision that fails is named with the database's words, its statement and where the schema is")
    func failing() async throws {
        let bench = try await bench(try await project("failing"))

        let failure = await #expect(throws: Failure.self) {
            try await bench.apply(revisions("0001", "0002", "0003"))
        }

        #expect(failure?.code == .migrationFailed)
        #expect(
            failure?.message
                == "revision 0003 failed: (psycopg.errors.UndefinedColumn) column \"weight_lb\" does not exist; "
                + "the schema is at 0002 now, it was at its very beginning"
        )
        #expect(
            failure?.evidence.first
                == "statement: UPDATE shipments SET weight_kg = weight_lb * 0.45359237 WHERE weight_kg IS NULL"
        )
        #expect(failure?.isRetryable == false)
        #expect(try await bench.database.value("SELECT to_regclass('half_done') IS NULL") == "t")
        let secret = bench.database.cluster.address.password.revealed()
        #expect(!(failure?.evidence ?? []).contains { $0.contains(secret) })
    }

    @Test("An environment that commits nothing fails, although Alembic says that it ran every revision")
    func uncommitted() async throws {
        let project = try await project()
        let path = "\(project.folder)/migrations/env.py"
        let text = try #require(try FileContent.text(of: path))
        let other =
            text.replacing("    with context.begin_transaction():\n        context", with: "    context")
            .replacing(", transaction_per_migration=True", with: "")
        #expect(other.utf8.count < text.utf8.count - 60)
        try DurableFile.write(other, to: path)
        try await project.seal()
        let bench = try await bench(project)
        let failure = await #expect(throws: Failure.self) {
            try await bench.apply(revisions("0001", "0002"))
        }
        #expect(bench.lines.all.contains { $0.contains("Running upgrade 0001 -> 0002") })
        #expect(failure?.code == .migrationFailed)
        #expect(
            failure?.message
                == "migration 0001 create shipments is not applied, although its tool ended as if it were; the schema is at its very beginning, as before"
        )
        #expect(try await bench.database.value("SELECT to_regclass('shipments') IS NULL") == "t")
        let report = try await bench.verify()
        #expect(!report.isGood)
        #expect(report.general.contains { $0.hasPrefix("nothing is proven") }, "\(report)")
    }

    @Test("What a revision writes is handed over line by line, without the database's password (Invariant 8)")
    func talkative() async throws {
        let bench = try await bench(try await project("talkative"))
        _ = try await bench.apply(revisions("0001", "0002", "0003"))
        #expect(bench.lines.all.contains("connected to •••"))
        let secret = bench.database.cluster.address.password.revealed()
        #expect(!bench.lines.all.contains { $0.contains(secret) })
    }

    @Test(
        "A table that somebody holds is waited for briefly, tried again, and then told; readers come through"
    )
    func locked() async throws {
        let project = try await project()
        let bench = try await bench(project, lockTimeout: .milliseconds(300))
        try await bench.tool.apply([MigrationRevision("0001")], of: bench.job) { _ in }
        let holder = try await PostgresSession.connect(bench.database.endpoint)
        try await holder.query("BEGIN")
        try await holder.query("SELECT count(*) FROM shipments")

        let task = Task { try await bench.applyAll() }
        try await until(.seconds(60)) { bench.lines.all.contains { $0.contains("attempt 2") } }
        // Whoever would wait behind a migration without a limit would wait as long as the holder, which ends after it.
        _ = try await bench.database.value("SELECT count(*) FROM shipments")
        let failure = await #expect(throws: Failure.self) { try await task.value }

        #expect(failure?.isRetryable == true)
        #expect(
            failure?.message
                == "revision 0002 failed: (psycopg.errors.LockNotAvailable) canceling statement due to lock timeout; "
                + "the schema is at 0001, as before"
        )
        try await holder.query("COMMIT")
        #expect(try await bench.applyAll().after == [MigrationRevision("0002")])
    }

    @Test("Two heads are two targets, and both are applied")
    func branches() async throws {
        let bench = try await bench(try await project("branched"))
        #expect(
            try await bench.outlook().targets == [MigrationRevision("0003a"), MigrationRevision("0003b")]
        )
        let outcome = try await bench.apply(revisions("0001", "0002", "0003a", "0003b"))
        #expect(outcome.after == [MigrationRevision("0003a"), MigrationRevision("0003b")])
        #expect(
            try await bench.database.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'on_the_%'")
                == "2"
        )
    }

    @Test("A release that lacks the database's revision is told apart: the database is ahead")
    func ahead() async throws {
        let project = try await project("branched")
        let bench = try await bench(project)
        try await bench.tool.apply([MigrationRevision("0003a")], of: bench.job) { _ in }
        for file in ["0003_left.py", "0003_right.py"] { try project.remove(file) }

        let outlook = try await bench.outlook()

        #expect(outlook.unknown == [MigrationRevision("0003a")])
        #expect(outlook.pending.isEmpty)
        #expect(outlook.targets == [MigrationRevision("0002")])
    }

    @Test("An index that could not be built concurrently is named although Alembic only names the duplicate")
    func invalidIndex() async throws {
        let project = try await project("concurrent")
        let bench = try await bench(project)
        try await bench.tool.apply([MigrationRevision("0002")], of: bench.job) { _ in }
        try await bench.database.run("INSERT INTO shipments (reference) VALUES ('same'), ('same')")

        let failure = await #expect(throws: Failure.self) { try await bench.apply(revisions("0003")) }

        #expect(
            failure?.message.contains("(psycopg.errors.UniqueViolation) could not create unique index")
                == true
        )
        let inspector = PostgresSchemaInspector(layout: bench.database.cluster.home.layout)
        #expect(try await inspector.invalidIndexes(of: bench.database.target) == ["public.ux_reference"])
        #expect(failure?.evidence.contains("invalid index: public.ux_reference") == true)
    }

    @Test("Revisions that can't be loaded are a failure that says why, before anything is applied")
    func unreadable() async throws {
        let bench = try await bench(try await project("unreadable"))
        let failure = await #expect(throws: Failure.self) { try await bench.outlook() }
        #expect(failure?.code == .migrationFailed)
        #expect(failure?.message.contains("No module named 'a_module_that_is_not_installed'") == true)
    }

    @Test("A folder without alembic.ini is a failure that says why")
    func noProject() async throws {
        let project = try await project()
        try Folder.remove("\(project.folder)/alembic.ini")
        let bench = try await bench(project)
        let failure = await #expect(throws: Failure.self) { try await bench.outlook() }
        #expect(failure?.code == .migrationFailed)
        let message = failure?.message ?? ""
        #expect(
            message.contains("No 'script_location' key found in configuration"),
            "\(failure?.evidence ?? [])",
        )
    }

    @Test("Without an environment of its own and without Alembic in PATH that is told")
    func noAlembic() async throws {
        let project = try await project()
        try Folder.remove("\(project.folder)/.venv")
        let bench = try await bench(project)
        // Where it is installed for everyone this project is migrated like any other.
        let inPath = try? ExecutablePath.find("alembic")
        guard inPath == nil else { return }
        let failure = await #expect(throws: Failure.self) { try await bench.outlook() }
        #expect(failure?.code == .migrationFailed)
        #expect(failure?.message.contains("alembic: ") == true)
    }

    @Test(
        "Relative revisions are refused, because they mean something else after each run",
        arguments: ["-1", "+1", "0001+1"],
    )
    func relative(target: String) async throws {
        let bench = try await bench(try await project())
        let failure = await #expect(throws: Failure.self) {
            try await bench.tool.apply([MigrationRevision(target)], of: bench.job) { _ in }
        }
        #expect(failure?.code == .invalid)
    }

    @Test("A revision's name is no shell command")
    func injection() async throws {
        let bench = try await bench(try await project())
        let marker = "\(bench.database.cluster.home.layout.root)/injected"
        let failure = await #expect(throws: Failure.self) {
            try await bench.tool.apply([MigrationRevision("x; touch '\(marker)'")], of: bench.job) { _ in }
        }
        #expect(failure?.code == .migrationFailed)
        #expect(try FileContent.bytes(of: marker) == nil)
    }

    @Test("A cancelled migration leaves no process and no session behind")
    func cancelled() async throws {
        let bench = try await bench(try await project(), lockTimeout: .seconds(50))
        try await bench.tool.apply([MigrationRevision("0001")], of: bench.job) { _ in }
        let holder = try await PostgresSession.connect(bench.database.endpoint)
        try await holder.query("BEGIN")
        try await holder.query("SELECT count(*) FROM shipments")
        let task = Task { try await bench.apply(revisions("0002")) }
        let cluster = bench.database.cluster
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(bench.database.name)' AND application_name = 'opshub migrations' AND wait_event_type = 'Lock'"
        try await until(.seconds(60)) { try await cluster.value("postgres", waiting) == "1" }

        task.cancel()

        await #expect(throws: CancellationError.self) { try await task.value }
        let sessions = waiting.replacing(" AND wait_event_type = 'Lock'", with: "")
        try await until { try await cluster.value("postgres", sessions) == "0" }
        #expect(try await bench.outlook().current == [MigrationRevision("0001")])
    }
}
