// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

extension Migrations {
    /// Which migrations have to be taken back so that the schema is at these revisions, the first to go first.
    ///
    /// Changes nothing.
    ///
    /// - Parameters:
    ///   - targets: Revisions that are applied and stay, each with everything that it follows; none for an empty schema.
    ///   - job: Where, and with which files.
    ///   - tool: What has applied them.
    /// - Returns: None when the schema is there already.
    /// - Throws: `not-found` for a revision that is not applied; `conflict` when something was applied that these files do not
    ///   have, or when one of them can't be taken back alone.
    public func wayBack(
        to targets: [MigrationRevision],
        of job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> [PendingMigration] {
        let (history, applied) = try await histories(job, try self.tool(tool))
        let known = Set(applied.map(\.id))
        if let stranger = targets.first(where: { !known.contains($0) }) {
            throw Failure(
                .notFound,
                "migration \(stranger) is not applied in \(job.database)",
                hint:
                    "applied are \(applied.suffix(5).map(\.id.rawValue).joined(separator: ", ")), the last ones",
            )
        }
        let kept = targets.reduce(into: Set(targets)) { $0.formUnion(Self.ancestors(of: $1, in: history)) }
        let back = applied.filter { !kept.contains($0.id) }.reversed()
        try refuseTangled(Array(back), applied, history)
        return back.map { PendingMigration(id: $0.id, title: $0.title) }
    }

    /// What speaks against taking these back, and what would be gone with them: each is applied, taken back and applied again on an
    /// empty server of its own.
    ///
    /// Changes nothing that anybody uses.
    ///
    /// - Parameters:
    ///   - planned: The first to go first.
    ///   - job: Where, and with which files.
    ///   - tool: What has applied them.
    /// - Returns: One sentence each; no objections when all of them go back wholly, no losses when nothing is in what goes.
    /// - Throws: Why it can't be found out.
    public func proof(
        ofReverting planned: [MigrationRevision],
        of job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> (objections: [String], losses: [String]) {
        let wanted = Set(planned)
        let report = try await verify(job, with: tool, only: wanted)
        var objections = planned.flatMap { id -> [String] in
            guard let entry = report.entries.first(where: { $0.migration.id == id }) else {
                return ["\(id): its verification did not come to it"]
            }
            // One that is about rows alone does nothing in an empty database; that is no reason.
            return entry.findings.filter { $0 != .changesNothing }.map { "\(id): \($0)" }
        }
        // What does not apply at all is in the way of everything behind it.
        objections += report.entries.filter { !wanted.contains($0.migration.id) }
            .flatMap { entry in entry.findings.filter(\.isMistake).map { "\(entry.migration.id): \($0)" } }
        let tables = try await rehearsal.tables(of: job)
        let gone = Set(report.entries.flatMap(\.drops))
        let losses = gone.sorted()
            .compactMap { place -> String? in
                // Its columns go with a table.
                guard place.column == nil || !gone.contains(SchemaChanges.Place(place.relation)),
                    let table = tables[place.relation], table.hasRows
                else { return nil }
                return "\(place) goes with what is in it (\(table.inWords))"
            }
        return (objections, losses)
    }

    /// What would keep these from being taken back once they are applied, by what is applied to the real database; nil when nothing
    /// would.
    ///
    /// - Parameters:
    ///   - planned: Pending ones.
    ///   - job: Where, and with which files.
    ///   - tool: What will apply them.
    /// - Returns: One sentence.
    /// - Throws: What keeps their history from being read.
    public func obstacle(
        toReverting planned: [MigrationRevision],
        of job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> String? {
        do {
            let (history, applied) = try await histories(job, try self.tool(tool))
            let wanted = Set(planned)
            let there = Set(applied.map(\.id)).union(wanted)
            let after = history.filter { there.contains($0.id) }
            let back = Array(after.filter { wanted.contains($0.id) }.reversed())
            try refuseTangled(back, after, history)
            return nil
        } catch let failure as Failure where failure.code == .conflict {
            return failure.message
        }
    }

    /// Takes exactly these revisions back, in this order, all within the job's timeout.
    ///
    /// Idempotent: what is not applied any more is left. Never overlaps a backup or another migration of the same database.
    ///
    /// - Parameters:
    ///   - planned: The first to go first.
    ///   - job: Where, and with which files.
    ///   - tool: What has applied them.
    ///   - onLine: Is told of each.
    /// - Throws: `conflict`, and changes nothing, when something else has to go before one of them; `migration-failed` that says which
    ///   one failed, in the database's words why, and where the schema is now.
    public func revert(
        _ planned: [MigrationRevision],
        of job: MigrationJob,
        with tool: MigrationsManifest.Tool,
        onLine: @Sendable @escaping (String) async -> Void = { _ in },
    ) async throws {
        let tool = try self.tool(tool)
        try await lock.hold(job.database, for: "a migration", waiting: job.timeout) {
            let before = try await tool.status(of: job)
            let (history, applied) = try await histories(job, tool)
            let wanted = Set(planned)
            if let half = before.begun.first(where: wanted.contains) {
                throw Failure(
                    .conflict,
                    "\(half) has failed half-way, outside of a transaction, and nobody knows what of it is there",
                    hint: "look at what it left, and put that right",
                )
            }
            // In the order in which they can go, each once, and only those that are there.
            let back = Array(applied.filter { wanted.contains($0.id) }.reversed())
            try refuseTangled(back, applied, history)
            do {
                try await limited(job.timeout, "taking migrations of \(job.database) back") {
                    for entry in back {
                        try await retrying(onLine) { try await tool.revert(entry, of: job) }
                        guard try await tool.status(of: job).pending.contains(where: { $0.id == entry.id })
                        else {
                            throw Self.hollow("migration \(entry.id) is still applied", "as if it were not")
                        }
                        await onLine("took back \(entry.id) \(entry.title)")
                    }
                }
            } catch let failure as Failure
                where [.migrationFailed, .deadlineExceeded, .invalid].contains(failure.code)
            {
                throw await placed(failure, before, job, tool)
            }
        }
    }

    /// Applies these again that were taken back, and nothing else that may be pending.
    ///
    /// Idempotent.
    ///
    /// - Parameters:
    ///   - planned: The first to come first.
    ///   - job: Where, and with which files.
    ///   - tool: What applies them.
    ///   - onLine: Gets what the tool says.
    /// - Throws: As ``apply(_:of:with:onLine:)`` does.
    public func reapply(
        _ planned: [MigrationRevision],
        of job: MigrationJob,
        with tool: MigrationsManifest.Tool,
        onLine: @Sendable @escaping (String) async -> Void = { _ in },
    ) async throws {
        let tool = try self.tool(tool)
        try await lock.hold(job.database, for: "a migration", waiting: job.timeout) {
            let pending = Set(try await tool.status(of: job).pending.map(\.id))
            let targets = planned.filter(pending.contains)
            guard !targets.isEmpty else { return }
            try await limited(job.timeout, "migrating \(job.database)") {
                try await retrying(onLine) { try await tool.apply(targets, of: job, onLine: onLine) }
                let left = Set(try await tool.status(of: job).pending.map(\.id))
                if let missing = targets.first(where: left.contains) {
                    throw Self.hollow("migration \(missing) is not applied", "as if it were")
                }
            }
        }
    }

    /// What the files have, and what the database has of it, each after those that it follows.
    private func histories(
        _ job: MigrationJob,
        _ tool: any MigrationTool,
    ) async throws -> (all: [MigrationEntry], applied: [MigrationEntry]) {
        let outlook = try await tool.status(of: job)
        if let stranger = outlook.unknown.first {
            throw Failure(
                .conflict,
                "migration \(stranger) was applied to \(job.database), and the release that serves does not have it",
                hint: "deploy a commit that has it first",
            )
        }
        let pending = Set(outlook.pending.map(\.id))
        let history = try await tool.history(of: job)
        return (history, history.filter { !pending.contains($0.id) })
    }

    private static func ancestors(
        of revision: MigrationRevision,
        in history: [MigrationEntry],
    ) -> Set<MigrationRevision> {
        let parents = Dictionary(
            history.map { ($0.id, $0.parents) },
            uniquingKeysWith: { first, _ in first },
        )
        var (found, open): (Set<MigrationRevision>, _) = ([], [revision])
        while let next = open.popLast() { open += (parents[next] ?? []).filter { found.insert($0).inserted } }
        return found
    }

    /// Only what is the last of everything is taken back: of several branches a tool may take others along (they may even depend on
    /// each other), and from a merge there is not one way back.
    private func refuseTangled(
        _ back: [MigrationEntry],
        _ applied: [MigrationEntry],
        _ history: [MigrationEntry],
    ) throws(Failure) {
        var left = applied
        for entry in back {
            left.removeAll { $0.id == entry.id }
            let before = Self.ancestors(of: entry.id, in: history)
            let other = left.first { !before.contains($0.id) }
            guard other == nil, entry.parents.count < 2 else {
                throw Failure(
                    .conflict,
                    other.map { other in
                        Self.ancestors(of: other.id, in: history).contains(entry.id)
                            ? "\(other.id) follows \(entry.id), and would have to be taken back before it"
                            : "\(other.id) is on another branch beside \(entry.id), and might go with it"
                    } ?? "\(entry.id) merges branches, and has no one revision before it",
                    hint:
                        "take them back with the migration tool itself, after a backup: opshub backup create",
                )
            }
        }
    }

    /// A lock that is not to be had is tried for again, as when migrations are applied.
    private func retrying(
        _ onLine: @Sendable (String) async -> Void,
        _ body: () async throws -> Void,
    ) async throws {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let failure as Failure where failure.isRetryable && attempt < retries.attempts {
                let pause = retries.pause(after: attempt)
                await onLine(
                    "\(failure.message); attempt \(attempt + 1) of \(retries.attempts) in \(pause.briefly)"
                )
                try await time.sleep(for: pause)
                attempt += 1
            }
        }
    }
}
