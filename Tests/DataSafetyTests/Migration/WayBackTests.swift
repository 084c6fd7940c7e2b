// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Manifest
import Synchronization
import Testing

@Suite("Taking migrations back")
struct WayBackTests {
    private static let job = MigrationJob(
        database: Samples.database,
        service: "/srv/backend",
        folder: ".",
        variables: [:],
        timeout: .seconds(60),
    )

    private let lock = ScriptedLock()

    private func migrations(_ tool: any MigrationTool) -> Migrations {
        Migrations(
            tools: [.sql: tool],
            lock: lock,
            inspector: ScriptedInspector(invalid: []),
            rehearsal: NoRehearsal(),
            ground: NoRehearsal(),
            time: SteppedTime(),
            retries: MigrationRetries(attempts: 3, pause: .seconds(2)),
        )
    }

    private func ids(_ names: String...) -> [MigrationRevision] { names.map { MigrationRevision($0) } }

    @Test("begins with the newest, ends at the revision that stays, and is told")
    func way() async throws {
        let tool = ScriptedMigrationTool(4, applied: 3)
        let engine = migrations(tool)
        #expect(
            try await engine.wayBack(to: ids("0001"), of: Self.job, with: .sql).map(\.id)
                == ids("0003", "0002")
        )
        #expect(try await engine.wayBack(to: [], of: Self.job, with: .sql).count == 3)
        #expect(try await engine.wayBack(to: ids("0003"), of: Self.job, with: .sql).isEmpty)
        let unknown = await #expect(throws: Failure.self) {
            try await engine.wayBack(to: ids("0004"), of: Self.job, with: .sql)
        }
        #expect(unknown?.code == .notFound)
        #expect(unknown?.hint == "applied are 0001, 0002, 0003, the last ones")

        let lines = Mutex<[String]>([])
        try await engine.revert(ids("0003", "0002"), of: Self.job, with: .sql) { line in
            lines.withLock { $0.append(line) }
        }
        #expect(lines.withLock { $0 } == ["took back 0003 step 3", "took back 0002 step 2"])
        #expect(lock.purposes == ["a migration"])
        // Once more, as after a crash: nothing is left to do.
        try await engine.revert(ids("0003", "0002"), of: Self.job, with: .sql)
        #expect(try await tool.status(of: Self.job).current == ids("0001"))
    }

    @Test("waits for a lock a bounded number of times, and says where the schema is when it fails")
    func failures() async throws {
        let busy = Failure(.migrationFailed, "lock timeout", isRetryable: true)
        let patient = ScriptedMigrationTool(3, applied: 3, failures: [busy, busy])
        try await migrations(patient).revert(ids("0003"), of: Self.job, with: .sql)
        #expect(try await patient.status(of: Self.job).current == ids("0002"))

        let broken = ScriptedMigrationTool(
            3,
            applied: 3,
            failures: [Failure(.migrationFailed, "no such column")],
        )
        let failure = await #expect(throws: Failure.self) {
            try await migrations(broken).revert(ids("0003"), of: Self.job, with: .sql)
        }
        #expect(failure?.message == "no such column; the schema is at 0003, as before")
    }

    @Test("does not take anything else along: what follows, what is beside it, a merge, what nobody knows")
    func tangled() async throws {
        func refused(_ tree: TreeTool, _ back: [String]) async -> Failure? {
            await #expect(throws: Failure.self) {
                try await migrations(tree)
                    .revert(back.map { MigrationRevision($0) }, of: Self.job, with: .sql)
            }
        }
        let follows = await refused(TreeTool(["a": [], "b": ["a"]]), ["a"])
        #expect(follows?.message == "b follows a, and would have to be taken back before it")
        let beside = await refused(TreeTool(["a": [], "b": ["a"], "c": ["a"]]), ["c"])
        #expect(beside?.message == "b is on another branch beside c, and might go with it")
        let merge = await refused(TreeTool(["a": [], "b": ["a"], "c": ["a"], "m": ["b", "c"]]), ["m"])
        #expect(merge?.message == "m merges branches, and has no one revision before it")
        var ahead = TreeTool(["a": []])
        ahead.unknown = ["z"]
        let stranger = await refused(ahead, ["a"])
        #expect(stranger?.code == .conflict && stranger?.message.contains("migration z was applied") == true)
        // Alembic takes everything back that has no parent, or depends on what goes.
        let apart = await refused(TreeTool(["a": [], "b": []]), ["b"])
        #expect(apart?.message == "a is on another branch beside b, and might go with it")
        // What follows something that is pending (Prisma's folders may come late) keeps what is before that.
        var gap = TreeTool(["a": [], "b": ["a"], "c": ["b"]])
        gap.pending = ["b"]
        #expect(try await migrations(gap).wayBack(to: ids("c"), of: Self.job, with: .sql).isEmpty)
        #expect(
            try await migrations(gap).wayBack(to: ids("a"), of: Self.job, with: .sql).map(\.id) == ids("c")
        )
    }
}

/// A history with branches, all of it applied.
private struct TreeTool: MigrationTool {
    let entries: [MigrationEntry]
    var unknown: [String] = []
    var pending: [String] = []

    init(_ parents: [String: [String]]) {
        entries = parents.sorted { $0.key < $1.key }
            .map { id, parents in
                MigrationEntry(
                    id: MigrationRevision(id),
                    title: "",
                    parents: parents.map { MigrationRevision($0) },
                    isHead: false,
                )
            }
    }

    func status(of job: MigrationJob) async throws -> MigrationOutlook {
        MigrationOutlook(
            pending: pending.map { PendingMigration(id: MigrationRevision($0), title: "") },
            unknown: unknown.map { MigrationRevision($0) },
        )
    }

    func apply(
        _ targets: [MigrationRevision],
        of job: MigrationJob,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {}

    func history(of job: MigrationJob) async throws -> [MigrationEntry] { entries }

    func revert(_ entry: MigrationEntry, of job: MigrationJob) async throws {
        Issue.record("\(entry.id) must not be taken back")
    }

    func drift(of job: MigrationJob) async throws -> [String]? { nil }
}
