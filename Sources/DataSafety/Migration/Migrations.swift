// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
public import Manifest

/// Applies a release's migrations: under the database's lock, with bounded retries, and with a look
/// afterwards at what they left.
public struct Migrations: Sendable {
    private let tools: [MigrationsManifest.Tool: any MigrationTool]
    let lock: any DatabaseLock
    private let inspector: any SchemaInspector
    let rehearsal: any MigrationRehearsal
    private let ground: any ProvingGround
    let time: any TimeSource
    let retries: MigrationRetries
    let code: any ReleaseCode
    private let board = VerificationBoard()

    /// Puts the parts together.
    public init(
        tools: [MigrationsManifest.Tool: any MigrationTool],
        lock: any DatabaseLock,
        inspector: any SchemaInspector,
        rehearsal: any MigrationRehearsal,
        ground: any ProvingGround,
        code: any ReleaseCode = UnknownCode(),
        time: any TimeSource = SystemTime(),
        retries: MigrationRetries = MigrationRetries(),
    ) {
        self.tools = tools
        self.lock = lock
        self.inspector = inspector
        self.rehearsal = rehearsal
        self.ground = ground
        self.code = code
        self.time = time
        self.retries = retries
    }

    /// Where the schema is and what a release would do to it.
    ///
    /// Changes nothing.
    public func outlook(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> MigrationOutlook {
        try await self.tool(tool).status(of: job)
    }

    /// Which files of what serves name what will be gone; nil when there are none, and why nobody could look.
    private func mentions(
        of traces: [MigrationTrace],
        in job: MigrationJob,
    ) async throws -> (files: [String: [String]]?, problem: String?) {
        let words = Set(traces.flatMap { $0.changes.gone.flatMap { [$0.shortName, $0.relation.tableName] } })
        guard !words.isEmpty else { return (nil, nil) }
        do {
            return (try await code.files(naming: words, of: job), nil)
        } catch let failure as Failure {
            // Files that can't be read speak neither for nor against it.
            return (nil, failure.message)
        }
    }

    /// What applying everything that is pending would mean, migration by migration, as its rehearsal shows.
    ///
    /// Changes nothing. Throws what a rehearsal throws, and `deadline-exceeded` after the job's timeout.
    public func verdicts(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> [MigrationVerdict] {
        let report = try await limited(job.timeout, "rehearsing the migrations of \(job.database)") {
            try await rehearsal.rehearse(job, with: tool)
        }
        let (files, problem) = try await mentions(of: report.traces, in: job)
        return MigrationJudge(
            tables: report.tables,
            evidence: report.evidence,
            files: files,
            filesProblem: problem,
            rates: report.rates,
        )
        .verdicts(on: report.traces)
        .map { verdict in
            // A migration may carry a secret in its text, and tools put it there.
            var verdict = verdict
            let redaction = Redaction(job.variables.values)
            for index in verdict.findings.indices {
                verdict.findings[index].sentence = redaction(verdict.findings[index].sentence)
            }
            return verdict
        }
    }

    /// What a release's migrations do from nothing to the newest, each up, down and up again, on a server of their own.
    ///
    /// Changes nothing that anybody uses.
    ///
    /// - Parameters:
    ///   - job: Which migrations.
    ///   - tool: What applies them.
    ///   - wanted: Those that are taken down and up again and told of; all when nil.
    ///   - sample: Rows that go along from the last one on that is applied; none when nil.
    /// - Returns: What they did.
    /// - Throws: `migration-failed` when they can't be read, and what ``ProvingGround`` throws.
    public func verify(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
        only wanted: Set<MigrationRevision>? = nil,
        rows sample: RowSample? = nil,
    ) async throws -> VerificationReport {
        let number = board.begin(job.database, at: time.now)
        defer { board.end(number) }
        let known = try self.tool(tool)
        var pending: Set<MigrationRevision> = []
        var rows: MigrationVerifier.Rows?
        do {
            // Where only some are told of, they are what is left.
            if wanted == nil { pending = Set(try await known.status(of: job).pending.map(\.id)) }
        } catch let failure as Failure where failure.code == .migrationFailed && sample == nil {
            // Where a database is can't be said with these files: then they are verified from nothing alone.
        }
        if let sample {
            let last = try await known.history(of: job).last { !pending.contains($0.id) }
            rows = last.map { .init(sample: sample, since: $0.id) }
        }
        return try await ground.lend(job, with: tool) { [pending, rows] database in
            try await MigrationVerifier(
                database: database,
                wanted: wanted,
                pending: pending,
                rows: rows,
                told: { board.tell(number, done: $0, of: $1) },
            )
            .report()
        }
    }

    /// Verifications of an environment's migrations that are under way, oldest first.
    public func underWay(in environment: EnvironmentKey) -> [VerificationProgress] {
        board.all(in: environment)
    }

    /// Removes what a rehearsal that was cut short has left of an accessory's.
    ///
    /// Idempotent.
    public func recover(_ accessory: AccessoryName, of environment: EnvironmentKey) async throws {
        try await rehearsal.recover(accessory, of: environment)
    }

    /// Applies exactly these revisions, all attempts together within the job's timeout.
    ///
    /// Idempotent: what is applied already is not applied again. Never overlaps a backup or another
    /// migration of the same database. Throws `conflict`, and changes nothing, when a revision is pending
    /// that is not among `planned`; `migration-failed` that says which revision failed and in the database's
    /// words why; `deadline-exceeded` when the time ran out. Both say where the schema is now.
    public func apply(
        _ planned: [MigrationRevision],
        of job: MigrationJob,
        with tool: MigrationsManifest.Tool,
        onLine: @Sendable @escaping (String) async -> Void = { _ in },
    ) async throws -> MigrationOutcome {
        let tool = try self.tool(tool)
        return try await lock.hold(job.database, for: "a migration", waiting: job.timeout) {
            let before = try await tool.status(of: job)
            try refuseUnplanned(before, planned)
            let known = Set(try await inspector.invalidIndexes(of: job.database))
            for index in known.sorted() where !before.pending.isEmpty {
                await onLine("index \(index) is invalid from before: it exists, but no query uses it")
            }
            do {
                return try await limited(job.timeout, "migrating \(job.database)") {
                    try await apply(
                        before.targets,
                        of: job,
                        with: tool,
                        from: before,
                        knowing: known,
                        onLine,
                    )
                }
            } catch let failure as Failure
                where [.migrationFailed, .deadlineExceeded].contains(failure.code)
            {
                throw await placed(failure, before, job, tool)
            }
        }
    }

    private func refuseUnplanned(_ outlook: MigrationOutlook, _ planned: [MigrationRevision]) throws(Failure)
    {
        let planned = Set(planned)
        guard let stranger = outlook.pending.first(where: { !planned.contains($0.id) }) else { return }
        throw Failure(
            .conflict,
            "migration \(stranger) is pending and was not planned, so nothing was applied",
            hint: "plan again: the database is not where it was",
        )
    }

    private func apply(
        _ targets: [MigrationRevision],
        of job: MigrationJob,
        with tool: any MigrationTool,
        from before: MigrationOutlook,
        knowing invalid: Set<String>,
        _ onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> MigrationOutcome {
        let started = time.now
        var attempt = 1
        while !before.pending.isEmpty {
            do {
                try await tool.apply(targets, of: job, onLine: onLine)
                break
            } catch let failure as Failure where failure.isRetryable && attempt < retries.attempts {
                // An index that was left half-built would be in the way of every further attempt.
                guard try await invalid.isSuperset(of: inspector.invalidIndexes(of: job.database)) else {
                    throw failure
                }
                let pause = retries.pause(after: attempt)
                await onLine(
                    "\(failure.message); attempt \(attempt + 1) of \(retries.attempts) in \(pause.briefly)"
                )
                try await time.sleep(for: pause)
                attempt += 1
            }
        }
        try await refuseInvalidIndexes(of: job, knowing: invalid)
        let after = try await tool.status(of: job)
        let pending = Set(after.pending.map(\.id))
        if let left = before.pending.first(where: { pending.contains($0.id) }) {
            throw Self.hollow("migration \(left) is not applied", "as if it were")
        }
        return MigrationOutcome(
            before: before.current,
            after: after.current,
            applied: before.pending.filter { !pending.contains($0.id) },
            attempts: attempt,
            took: .seconds(time.now.timeIntervalSince(started)),
        )
    }

    /// Programs have been seen to end well after the database took everything back that they had done.
    static func hollow(_ state: String, _ claim: String) -> Failure {
        Failure(
            .migrationFailed,
            "\(state), although its tool ended \(claim)",
            hint:
                "look whether what runs it commits: Alembic's env.py needs 'with context.begin_transaction():' around run_migrations()",
        )
    }

    /// Also those from before: a migration that makes one with `IF NOT EXISTS` has taken it for made, and who has seen them makes them anew.
    private func refuseInvalidIndexes(of job: MigrationJob, knowing known: Set<String>) async throws {
        let all = try await inspector.invalidIndexes(of: job.database)
        let made = all.filter { !known.contains($0) }
        let invalid = made.isEmpty ? all : made
        guard let first = invalid.first else { return }
        let whose = made.isEmpty ? "left, as it was before," : "left"
        throw Failure(
            .migrationFailed,
            invalid.count == 1
                ? "the migrations \(whose) index \(first) invalid: it exists, but no query uses it"
                : "the migrations \(whose) \(invalid.count) indexes invalid: \(invalid.joined(separator: ", "))",
        )
    }

    /// Adds where the schema is now, the first thing that anybody asks, and which indexes are in the way.
    func placed(
        _ failure: Failure,
        _ before: MigrationOutlook,
        _ job: MigrationJob,
        _ tool: any MigrationTool,
    ) async -> Failure {
        var failure = failure
        do {
            let invalid = try await inspector.invalidIndexes(of: job.database)
            failure.evidence += invalid.map { "invalid index: \($0)" }
            if let first = invalid.first {
                failure.hint = "drop it with DROP INDEX CONCURRENTLY \(first), and create it again"
            }
            let now = try await tool.status(of: job)
            failure.message +=
                now.current == before.current
                ? "; the schema is at \(words(now.current)), as before"
                : "; the schema is at \(words(now.current)) now, it was at \(words(before.current))"
            let pending = Set(now.pending.map(\.id))
            let applied = before.pending.map(\.id).filter { !pending.contains($0) }
            if now.current == before.current, !applied.isEmpty {
                failure.message += ", and \(words(applied)) applied since"
            }
        } catch {
            failure.message += "; where the schema is now could not be found out"
            failure.evidence.append("asking for the current revision failed: \(error)")
        }
        return failure
    }

    private func words(_ revisions: [MigrationRevision]) -> String {
        revisions.isEmpty ? "its very beginning" : revisions.map(\.rawValue).joined(separator: " and ")
    }

    func tool(_ tool: MigrationsManifest.Tool) throws(Failure) -> any MigrationTool {
        guard let found = tools[tool] else {
            throw Failure(.invalidManifest, "there is no migration tool '\(tool.rawValue)' here")
        }
        return found
    }
}
