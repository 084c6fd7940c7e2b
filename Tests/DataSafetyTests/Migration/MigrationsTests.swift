// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Manifest
import Synchronization
import TestSupport
import Testing

@Suite("Applying migrations")
struct MigrationsTests {
    private static let job = MigrationJob(
        database: Samples.database,
        service: "/srv/backend",
        folder: ".",
        variables: ["DATABASE_URL": Secret("postgresql://x")],
        timeout: .seconds(60),
    )
    private static let planned = ["0002", "0003"].map { MigrationRevision($0) }
    private static let blocked = Failure(
        .migrationFailed,
        "revision 0002 failed: lock timeout",
        isRetryable: true,
    )
    private static let broken = Failure(.migrationFailed, "revision 0002 failed: no such column")

    private let lock = ScriptedLock()
    private let time = SteppedTime()

    private func migrations(
        _ tool: ScriptedMigrationTool,
        invalid: [String] = [],
        before: [String] = [],
        attempts: Int = 4,
    ) -> Migrations {
        Migrations(
            tools: [.sql: tool],
            lock: lock,
            inspector: ScriptedInspector(invalid: invalid, before: before),
            rehearsal: NoRehearsal(),
            ground: NoRehearsal(),
            time: time,
            retries: MigrationRetries(attempts: attempts, pause: .seconds(2)),
        )
    }

    @Test("The outlook is the tool's, and changes nothing")
    func outlook() async throws {
        let tool = ScriptedMigrationTool()
        let outlook = try await migrations(tool).outlook(Self.job, with: .sql)
        #expect(outlook.current == [MigrationRevision("0001")])
        #expect(outlook.pending.map(\.description) == ["0002 step 2", "0003 step 3"])
        #expect(outlook.targets == [MigrationRevision("0003")])
        #expect(tool.calls.isEmpty && lock.purposes.isEmpty)
    }

    @Test("What was planned is applied, under the database's lock, to named targets")
    func success() async throws {
        let tool = ScriptedMigrationTool()
        let lines = Mutex<[String]>([])
        let outcome = try await migrations(tool)
            .apply(Self.planned, of: Self.job, with: .sql) { line in
                lines.withLock { $0.append(line) }
            }
        #expect(outcome.before == [MigrationRevision("0001")])
        #expect(outcome.after == [MigrationRevision("0003")])
        #expect(outcome.applied.map(\.id) == Self.planned)
        #expect(outcome.attempts == 1)
        #expect(tool.calls == [[MigrationRevision("0003")]])
        #expect(lock.purposes == ["a migration"] && !lock.isHeld)
        #expect(lines.withLock { $0 } == ["applying"])
    }

    @Test("With nothing pending nothing is run")
    func idempotent() async throws {
        let tool = ScriptedMigrationTool(applied: 3)
        let outcome = try await migrations(tool).apply(Self.planned, of: Self.job, with: .sql)
        #expect(outcome.applied.isEmpty && outcome.before == outcome.after)
        #expect(tool.calls.isEmpty)
    }

    @Test("A revision that was not planned stops everything before anything is applied")
    func unplanned() async throws {
        let tool = ScriptedMigrationTool()
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool).apply([MigrationRevision("0002")], of: Self.job, with: .sql)
        }
        #expect(failure?.code == .conflict)
        #expect(
            failure?.message == "migration 0003 step 3 is pending and was not planned, so nothing was applied"
        )
        #expect(tool.calls.isEmpty)
    }

    @Test("A tool that ends well and has applied nothing has failed")
    func hollow() async throws {
        let tool = ScriptedMigrationTool()
        tool.doNothing()
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool).apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(failure?.code == .migrationFailed)
        #expect(
            failure?.message
                == "migration 0002 step 2 is not applied, although its tool ended as if it were; the schema is at 0001, as before"
        )
        let again = await #expect(throws: Failure.self) {
            try await migrations(tool).reapply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(again?.message == "migration 0002 is not applied, although its tool ended as if it were")
        let back = await #expect(throws: Failure.self) {
            try await migrations(tool).revert([MigrationRevision("0001")], of: Self.job, with: .sql)
        }
        #expect(
            back?.message
                .hasPrefix("migration 0001 is still applied, although its tool ended as if it were not")
                == true
        )
    }

    @Test("A lock that can't be had is tried again, with growing pauses, and told")
    func retries() async throws {
        let tool = ScriptedMigrationTool(failures: [Self.blocked, Self.blocked])
        let lines = Mutex<[String]>([])
        let outcome = try await migrations(tool)
            .apply(Self.planned, of: Self.job, with: .sql) { line in
                lines.withLock { $0.append(line) }
            }
        #expect(outcome.attempts == 3)
        #expect(time.waited == [.seconds(2), .seconds(4)])
        #expect(
            lines.withLock { $0 }.filter { $0.contains("attempt") } == [
                "revision 0002 failed: lock timeout; attempt 2 of 4 in 2.0s",
                "revision 0002 failed: lock timeout; attempt 3 of 4 in 4.0s",
            ]
        )
    }

    @Test("It is tried only so often, and then the failure says where the schema is")
    func exhausted() async throws {
        let tool = ScriptedMigrationTool(failures: Array(repeating: Self.blocked, count: 9))
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool).apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(tool.calls.count == 4)
        #expect(failure?.message == "revision 0002 failed: lock timeout; the schema is at 0001, as before")
        #expect(failure?.isRetryable == true)
        #expect(!lock.isHeld)
    }

    @Test("A failure that would be the same again is not tried again")
    func broken() async throws {
        let tool = ScriptedMigrationTool(applied: 0, failures: [Self.broken])
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool)
                .apply([MigrationRevision("0001")] + Self.planned, of: Self.job, with: .sql)
        }
        #expect(tool.calls.count == 1)
        #expect(
            failure?.message
                == "revision 0002 failed: no such column; the schema is at its very beginning, as before"
        )
    }

    @Test("When where the schema is can't be found out, the failure says that")
    func unknownPlace() async throws {
        let tool = ScriptedMigrationTool(failures: [Self.blocked, Self.broken])
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool)
                .apply(Self.planned, of: Self.job, with: .sql) { line in
                    if line.contains("attempt") {
                        tool.refuseStatus(Failure(.unreachable, "the server is away"))
                    }
                }
        }
        #expect(failure?.message.hasSuffix("where the schema is now could not be found out") == true)
        #expect(failure?.evidence.last?.contains("the server is away") == true)
    }

    @Test("When the time runs out the tool is ended, and where the schema is is told all the same")
    func deadline() async throws {
        let tool = ScriptedMigrationTool()
        tool.neverEnd()
        var job = Self.job
        job.timeout = .milliseconds(30)
        let brief = job
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool).apply(Self.planned, of: brief, with: .sql)
        }
        #expect(failure?.code == .deadlineExceeded)
        #expect(
            failure?.message == "migrating tracehub/production/db/tracehub did not end within 30ms; "
                + "the schema is at 0001, as before"
        )
        #expect(!lock.isHeld)
    }

    @Test("An index that was left invalid is a failure by name, after everything was applied")
    func invalidIndexes() async throws {
        let tool = ScriptedMigrationTool()
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool, invalid: ["public.ix"]).apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(failure?.code == .migrationFailed)
        #expect(
            failure?.message
                == "the migrations left index public.ix invalid: it exists, but no query uses it; "
                + "the schema is at 0003 now, it was at 0001"
        )
        #expect(failure?.hint?.contains("DROP INDEX CONCURRENTLY public.ix") == true)
        let several = await #expect(throws: Failure.self) {
            try await migrations(ScriptedMigrationTool(), invalid: ["a", "b"])
                .apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(several?.message.hasPrefix("the migrations left 2 indexes invalid: a, b") == true)
    }

    @Test(
        "An index that was invalid before is told before anything, is in nobody's way, and has to be a good one in the end"
    )
    func formerIndex() async throws {
        let lines = Noted<String>()
        // One that has to wait for a lock is tried again all the same.
        let tool = ScriptedMigrationTool(failures: [Self.blocked])
        let outcome = try await migrations(tool, before: ["public.ix"])
            .apply(Self.planned, of: Self.job, with: .sql) { _ = lines.add($0) }
        #expect(outcome.after == [MigrationRevision("0003")])
        #expect(lines.all.first == "index public.ix is invalid from before: it exists, but no query uses it")

        let failure = await #expect(throws: Failure.self) {
            try await migrations(ScriptedMigrationTool(), invalid: ["public.ix"], before: ["public.ix"])
                .apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(
            failure?.message.hasPrefix("the migrations left, as it was before, index public.ix invalid")
                == true
        )
        #expect(failure?.hint?.contains("DROP INDEX CONCURRENTLY public.ix") == true)
        let own = await #expect(throws: Failure.self) {
            try await migrations(
                ScriptedMigrationTool(),
                invalid: ["public.ix", "public.new"],
                before: ["public.ix"],
            )
            .apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(own?.message.hasPrefix("the migrations left index public.new invalid") == true)
    }

    @Test("An index that a failed attempt left half-built stops the attempts, and is told")
    func halfBuilt() async throws {
        let tool = ScriptedMigrationTool(failures: [Self.blocked, Self.blocked])
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool, invalid: ["public.ix"]).apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(tool.calls.count == 1)
        #expect(
            failure?.message.hasPrefix("revision 0002 failed: lock timeout; the schema is at 0001") == true
        )
        #expect(failure?.evidence == ["invalid index: public.ix"])
        #expect(failure?.hint?.contains("DROP INDEX CONCURRENTLY public.ix") == true)
    }

    @Test("While a backup holds the database nothing is applied")
    func lockTaken() async throws {
        let tool = ScriptedMigrationTool()
        lock.give(to: "backup b3")
        let failure = await #expect(throws: Failure.self) {
            try await migrations(tool).apply(Self.planned, of: Self.job, with: .sql)
        }
        #expect(failure?.code == .conflict)
        #expect(tool.calls.isEmpty)
    }

    @Test("A tool that is not here is told")
    func noTool() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await migrations(ScriptedMigrationTool()).outlook(Self.job, with: .alembic)
        }
        #expect(failure?.message == "there is no migration tool 'alembic' here")
    }

    @Test("Pauses double up to sixteen times the first, and there is always one attempt")
    func pauses() {
        let retries = MigrationRetries(attempts: 0, pause: .seconds(1))
        #expect(retries.attempts == 1)
        #expect((0...7).map { retries.pause(after: $0) } == [1, 1, 2, 4, 8, 16, 16, 16].map { .seconds($0) })
    }

    @Test("The migrations' folder is the service's own, or one below it")
    func folders() {
        var job = Self.job
        #expect(job.directory == "/srv/backend")
        job.folder = "migrations"
        #expect(job.directory == "/srv/backend/migrations")
        #expect(PendingMigration(id: MigrationRevision("1"), title: "").description == "1")
    }
}
