// SPDX-License-Identifier: Apache-2.0
import Core

/// Takes a release's migrations one by one from nothing up, each down and up again, and compares the schema every time.
struct MigrationVerifier {
    let database: any EmptyDatabase
    /// Those that are taken down and up again and told of; all when nil.
    ///
    /// One that does not apply is always told of.
    var wanted: Set<MigrationRevision>?

    func report() async throws -> VerificationReport {
        let history = try await database.history()
        var entries: [VerificationReport.Entry] = []
        var applied: [MigrationEntry] = []
        var unreached: Set<MigrationRevision> = []
        try await database.begin(at: [])
        // Of what is before one that is wanted; nil when nobody has looked.
        var before: [String: String]?
        for migration in history {
            guard unreached.isDisjoint(with: migration.parents) else {
                unreached.insert(migration.id)
                entries.append(.init(migration, [.notReached]))
                continue
            }
            let isWanted = wanted?.contains(migration.id) != false
            if isWanted, before == nil { before = try await database.definitions() }
            do {
                try await database.apply(migration.id)
            } catch let failure as Failure where failure.code == .migrationFailed {
                unreached.insert(migration.id)
                entries.append(.init(migration, [.doesNotApply(failure.message)]))
                // Half of it may be there.
                try await database.begin(at: applied.map(\.id))
                continue
            }
            guard isWanted, let known = before else {
                applied.append(migration)
                before = nil
                continue
            }
            let after = try await database.definitions()
            var findings: [VerificationReport.Finding] = after == known ? [.changesNothing] : []
            let (found, drops) = try await roundTrip(migration, applied, from: known, to: after)
            findings += found
            entries.append(.init(migration, findings, drops: drops))
            applied.append(migration)
            before = after
        }
        let drift = unreached.isEmpty && !history.isEmpty ? try await database.drift() : nil
        return VerificationReport(
            entries: entries,
            drift: drift,
            heads: history.filter(\.isHead).map(\.id),
        )
    }

    /// Down and up again; the database is as after `migration` when this returns.
    private func roundTrip(
        _ migration: MigrationEntry,
        _ applied: [MigrationEntry],
        from before: [String: String],
        to after: [String: String],
    ) async throws -> (findings: [VerificationReport.Finding], drops: [SchemaChanges.Place]) {
        let followed = Set(applied.flatMap(\.parents) + migration.parents)
        guard applied.allSatisfy({ followed.contains($0.id) }), migration.parents.count < 2 else {
            return ([.notTakenBack], [])
        }
        let all = (applied + [migration]).map(\.id)
        let places = try await database.places()
        do {
            try await database.revert(migration)
        } catch let failure as Failure where [.migrationFailed, .invalid].contains(failure.code) {
            try await database.begin(at: all)
            return ([.irreversible(failure.message)], [])
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
            try await database.begin(at: all)
            return (findings + [.doesNotApplyAgain(failure.message)], drops)
        }
        let again = try await database.definitions()
        let other = Set(again.keys).union(after.keys).filter { again[$0] != after[$0] }
        guard !other.isEmpty else { return (findings, drops) }
        try await database.begin(at: all)
        return (findings + [.appliesOtherwise(other.sorted())], drops)
    }
}
