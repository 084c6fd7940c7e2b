// SPDX-License-Identifier: Apache-2.0
import Core

/// Takes a release's migrations one by one from nothing up, each down and up again, and compares the schema every time; and what is in
/// it, from where rows are known.
struct MigrationVerifier {
    /// Rows that go along from a migration on.
    struct Rows {
        let sample: RowSample
        /// The last one that the database had when they were in it.
        let since: MigrationRevision
    }

    let database: any EmptyDatabase
    /// Those that are taken down and up again and told of; all when nil.
    ///
    /// One that does not apply is always told of.
    var wanted: Set<MigrationRevision>?
    /// Those that the database does not have yet.
    var pending: Set<MigrationRevision> = []
    var rows: Rows?
    /// Is told how many migrations are done, of how many.
    var told: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }

    /// How far it has come.
    private struct Progress {
        var applied: [MigrationEntry] = []
        var unreached: Set<MigrationRevision> = []
        var entries: [VerificationReport.Entry] = []
        /// Rows that are in the tables now; nil when none are.
        var rows: SampledRows?
    }

    func report() async throws -> VerificationReport {
        let history = try await database.history()
        var progress = Progress()
        var filled: SampledRows?
        try await database.begin(at: [])
        // Of what is before one that is wanted; nil when nobody has looked.
        var before: [String: String]?
        for (done, migration) in history.enumerated() {
            told(done, history.count)
            guard progress.unreached.isDisjoint(with: migration.parents) else {
                progress.unreached.insert(migration.id)
                progress.entries.append(.init(migration, [.notReached]))
                continue
            }
            let isWanted = wanted?.contains(migration.id) != false
            if isWanted, before == nil { before = try await database.definitions() }
            var findings: [VerificationReport.Finding] = []
            guard try await apply(migration, &progress, &findings) else { continue }
            if migration.id == rows?.since, let rows {
                progress.rows = try await database.fill(from: rows.sample)
                filled = progress.rows
            }
            guard isWanted, let known = before else {
                progress.applied.append(migration)
                before = nil
                continue
            }
            let after = try await database.definitions()
            if after == known { findings.append(.changesNothing) }
            let (found, drops) = try await roundTrip(migration, &progress, from: known, to: after)
            progress.entries.append(.init(migration, findings + found, drops: drops))
            progress.applied.append(migration)
            before = after
        }
        let isWhole = progress.unreached.isEmpty && !history.isEmpty
        let drift = isWhole ? try await database.drift() : nil
        let inOneRun = isWhole ? try await differencesInOneRun(history, hadRows: filled != nil) : []
        return VerificationReport(
            entries: progress.entries,
            drift: drift,
            heads: history.filter(\.isHead).map(\.id),
            rows: filled,
            inOneRun: inOneRun.isEmpty ? nil : inOneRun,
        )
    }

    /// What is otherwise when they are applied in one run of the tool and not one by one: they may share a transaction then.
    ///
    /// From where the database is, as its next deployment does; and from nothing, as an environment's first one does, where all are
    /// told of.
    ///
    /// - Returns: One sentence each.
    private func differencesInOneRun(_ history: [MigrationEntry], hadRows: Bool) async throws -> [String] {
        let (all, left) = (history.map(\.id), wanted ?? pending)
        let here = all.filter { !left.contains($0) }
        let oneByOne = try await database.definitions()
        var found: [String] = []
        for start in wanted == nil && !here.isEmpty ? [here, []] : [here] where all.count - start.count > 1 {
            let doing =
                "applied in one run \(start.last.map { "after \($0)" } ?? "from nothing"), as a deployment does,"
            try await database.begin(at: start)
            do {
                try await database.applyRest()
            } catch let failure as Failure where failure.code == .migrationFailed {
                found.append("\(doing) they fail, and one by one they do not: \(failure.message)")
                continue
            }
            // What migrations make of rows they do not make of none.
            guard !hadRows else { continue }
            let other = Self.names(of: try await database.definitions(), unlike: oneByOne)
            guard !other.isEmpty else { continue }
            found.append(
                "\(doing) they make something else than one by one: \(other.joined(separator: ", "))"
            )
        }
        return found
    }

    /// What only one of them has, or has otherwise.
    private static func names(of schema: [String: String], unlike other: [String: String]) -> [String] {
        Set(schema.keys).union(other.keys).filter { schema[$0] != other[$0] }.sorted()
    }

    /// - Returns: Whether it is applied; without rows where those were in its way.
    private func apply(
        _ migration: MigrationEntry,
        _ progress: inout Progress,
        _ findings: inout [VerificationReport.Finding],
    ) async throws -> Bool {
        while true {
            do {
                try await database.apply(migration.id)
                return true
            } catch let failure as Failure where failure.code == .migrationFailed {
                // Half of it may be there.
                let hadRows = progress.rows != nil
                progress.rows = nil
                try await database.begin(at: progress.applied.map(\.id))
                if hadRows {
                    findings.append(.failsOnRows(Self.withoutValues(failure.message)))
                    continue
                }
                progress.unreached.insert(migration.id)
                progress.entries.append(.init(migration, [.doesNotApply(failure.message)]))
                return false
            }
        }
    }

    /// Down and up again; the database is as after `migration` when this returns.
    private func roundTrip(
        _ migration: MigrationEntry,
        _ progress: inout Progress,
        from before: [String: String],
        to after: [String: String],
    ) async throws -> (findings: [VerificationReport.Finding], drops: [SchemaChanges.Place]) {
        let applied = progress.applied
        let followed = Set(applied.flatMap(\.parents) + migration.parents)
        guard applied.allSatisfy({ followed.contains($0.id) }), migration.parents.count < 2 else {
            return (migration.keepsData == true ? [.notTakenBack, .unshownWord] : [.notTakenBack], [])
        }
        let all = (applied + [migration]).map(\.id)
        let places = try await database.places()
        let had = progress.rows == nil ? [:] : try await database.contents()
        do {
            try await database.revert(migration)
        } catch let failure as Failure where [.migrationFailed, .invalid].contains(failure.code) {
            let words = progress.rows == nil ? failure.message : Self.withoutValues(failure.message)
            // One that does not say how has done nothing yet.
            if failure.code == .migrationFailed { try await restart(at: all, &progress) }
            let word: [VerificationReport.Finding] =
                migration.keepsData == true ? [.breaksItsWord("can't be taken back")] : []
            return ([.irreversible(words)] + word, [])
        }
        var findings: [VerificationReport.Finding] = []
        let drops = places.subtracting(try await database.places()).sorted()
        let down = try await database.definitions()
        let left = down.keys.filter { before[$0] == nil }.sorted()
        if !left.isEmpty { findings.append(.leavesBehind(left)) }
        let lost = before.filter { down[$0.key] != $0.value }
            .map { down[$0.key] == nil ? "\($0.key) is gone" : "\($0.key) is another one" }
        if !lost.isEmpty { findings.append(.doesNotRestore(lost.sorted())) }
        do {
            try await database.apply(migration.id)
        } catch let failure as Failure where failure.code == .migrationFailed {
            let words = progress.rows == nil ? failure.message : Self.withoutValues(failure.message)
            try await restart(at: all, &progress)
            return (findings + [.doesNotApplyAgain(words)], drops)
        }
        let again = try await database.definitions()
        let other = Self.names(of: again, unlike: after)
        if !other.isEmpty { findings.append(.appliesOtherwise(other)) }
        let have = progress.rows == nil ? [:] : try await database.contents()
        let changed = had.filter { have[$0.key] != $0.value }.keys.sorted()
        if !changed.isEmpty { findings.append(.losesRows(changed.map(\.description))) }
        if migration.keepsData == true {
            if !changed.isEmpty {
                findings.append(.breaksItsWord("loses some"))
            } else if had.isEmpty {
                findings.append(.unshownWord)
            }
        }
        if !other.isEmpty || !changed.isEmpty { try await restart(at: all, &progress) }
        return (findings, drops)
    }

    /// A message's first line without what is in quotes: where rows are, their values may be.
    private static func withoutValues(_ message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline).first ?? ""
        return line.replacing(/"[^"]*"|'[^']*'|\([^)]*\)=\([^)]*\)/, with: "…").description
    }

    /// Makes the database anew, with the rows that were in it.
    private func restart(at revisions: [MigrationRevision], _ progress: inout Progress) async throws {
        guard progress.rows != nil, let rows, let last = revisions.firstIndex(of: rows.since) else {
            return try await database.begin(at: revisions)
        }
        try await database.begin(at: Array(revisions[...last]))
        progress.rows = try await database.fill(from: rows.sample)
        for revision in revisions[(last + 1)...] { try await database.apply(revision) }
    }
}
