// SPDX-License-Identifier: Apache-2.0
import Core

/// Says whether what serves works on while and after a migration is applied: pure.
///
/// Its recorded queries say so where there are any: one that fails is a fact. What none of them uses is not used once the release was
/// watched for long enough; until then, and without a record, it may be.
struct CompatibilityJudge {
    /// The tables of the real database.
    let tables: [String: TableStatistics]
    /// What is known of the queries of the release that serves.
    let evidence: QueryEvidence
    /// Files of that release, by the names of what is gone; nil when nobody has looked.
    var files: [String: [String]]?
    /// Why nobody could look.
    var filesProblem: String?

    private typealias Finding = MigrationVerdict.Finding

    private static let stepwise =
        "expand and contract: stop using it in one release, and drop or rename it in the next"

    /// What may break, and what certainly does first.
    func findings(in trace: MigrationTrace) -> [MigrationVerdict.Finding] {
        let changes = trace.changes
        let gone = changes.gone.compactMap { place -> Finding? in
            let what = changes.renamed.contains(place) ? "\(place) has another name" : "\(place) is gone"
            let inside = changes.mentions[place] ?? []
            guard inside.isEmpty else {
                return Finding(
                    .breaksCode,
                    "\(what), and \(inside.joined(separator: ", ")) \(inside.count == 1 ? "names" : "name") it",
                    advice: Self.stepwise,
                )
            }
            // A query that fails without it says more.
            guard !trace.broken.contains(where: { $0.query.mentions(place.shortName) }),
                let doubt = doubt(about: place, trace)
            else { return nil }
            return Finding(doubt.hazard, "\(what), \(doubt.words)", advice: Self.stepwise)
        }
        let missing = changes.missing.map {
            Finding(.breaksRelease, "\($0) is gone, and what serves may use it", advice: Self.stepwise)
        }
        let retyped = changes.retyped.sorted { $0.key < $1.key }
            .map { place, types in
                Finding(
                    .breaksRelease,
                    "\(place) is \(types): what serves may not expect that, and values may not fit",
                    advice:
                        "add a column of the new type, fill it in batches, and change over in a later release",
                )
            }
        let detached = changes.detached.sorted { $0.key < $1.key }
            .map {
                Finding(
                    .breaksRelease,
                    "what is in \($0.key) belongs to \($0.value) no more, and what serves may look for it there",
                )
            }
        return broken(trace.broken) + gone + missing + retyped + detached
            + changes.required.map { required($0, changes) }
    }

    /// What the record says of a migration that breaks nothing; nil where there is none.
    func remark(on trace: MigrationTrace) -> String? {
        guard case .tried(let trial) = evidence, let working = trace.working, working > 0,
            trace.broken.isEmpty,
            trace.failure == nil
        else { return nil }
        return
            "\(working) queries recorded in the \(trial.record.observed.briefly) that \(trial.record.release) serves work after it"
    }

    // MARK: By queries

    private func broken(_ broken: [BrokenQuery]) -> [Finding] {
        guard case .tried(let trial) = evidence, !broken.isEmpty else { return [] }
        let sorted = broken.sorted { ($1.query.calls, $0.query.text) < ($0.query.calls, $1.query.text) }
        let shown = sorted.prefix(Self.mostShown)
            .map { broken in
                Finding(
                    .breaksQueries,
                    "\(trial.record.release) fails with \(broken.reason): \(SQLExcerpt.of(broken.query.text)) (run \(broken.query.calls) times in \(trial.record.observed.briefly))",
                    advice: Self.stepwise,
                )
            }
        let more = sorted.count - shown.count
        guard more > 0 else { return shown }
        return shown + [
            Finding(.breaksQueries, "and \(more) more of its \(trial.count) recorded queries fail")
        ]
    }

    private static let mostShown = 3

    /// Why what is gone may be used; nil when the release was watched at work for long enough, and nothing that it ran uses it.
    private func doubt(
        about place: SchemaChanges.Place,
        _ trace: MigrationTrace,
    ) -> (hazard: MigrationVerdict.Hazard, words: String)? {
        let (hazard, mayUse) = inCode(place)
        switch evidence {
        case .none(let reason): return (hazard, "\(mayUse); its queries are not known: \(reason)")
        case .tried(let trial):
            let record = trial.record
            if isTakenWhole(place, record) {
                return (.breaksRelease, "and a query takes every column of its table")
            }
            if trial.untried.contains(where: { record.queries[$0].mentions(place.shortName) }) {
                return (.breaksRelease, "and a query that could not be tried names it")
            }
            if trace.working == nil {
                return (hazard, "\(mayUse): its queries could not be tried after this")
            }
            let nothing = "\(mayUse): nothing that was recorded does, but"
            if !record.isWhole { return (hazard, "\(nothing) the server has forgotten some") }
            if record.observed < QueryTrial.enough {
                return (
                    hazard, "\(nothing) that is of \(record.observed.briefly) only, and a day is wanted",
                )
            }
            // A release that asks for nothing but its own health is not at work.
            let isAtWork = record.queries.contains { query in
                tables.keys.contains { query.mentions($0.tableName) }
            }
            return isAtWork ? nil : (hazard, "\(mayUse): nothing that was recorded asks for a table")
        }
    }

    /// What the files of what serves say to it.
    ///
    /// One that names a table, or a column and its table, is taken to use it. A column's name alone is often a word of something else; and
    /// code may name things otherwise than a database does, so that none does proves nothing.
    private func inCode(_ place: SchemaChanges.Place) -> (hazard: MigrationVerdict.Hazard, words: String) {
        let table = place.relation.tableName
        guard let files, let named = files[place.shortName] else {
            let problem = filesProblem.map { " (its files could not be searched: \($0))" } ?? ""
            return (.breaksRelease, "and what serves may use it\(problem)")
        }
        guard let first = named.first else {
            return (
                .breaksRelease, "and what serves may use it (no file of it has the word \(place.shortName))",
            )
        }
        let both = named.filter(Set(files[table] ?? []).contains)
        guard let using = both.first else {
            return (
                .breaksRelease,
                "and what serves may use it (\(Self.have(first, named.count)) the word \(place.shortName), none with \(table))",
            )
        }
        let words = place.column.map { "the words \(table) and \($0)" } ?? "the word \(table)"
        return (
            .breaksCode, "and what serves uses it as it seems (\(Self.have(using, both.count)) \(words))",
        )
    }

    private static func have(_ first: String, _ count: Int) -> String {
        guard count > 1 else { return "\(first) has" }
        return "\(first) and \(count - 1) more file\(count == 2 ? "" : "s") have"
    }

    /// Whether what is gone may be used without being named.
    private func isTakenWhole(_ place: SchemaChanges.Place, _ record: QueryRecord) -> Bool {
        place.column != nil
            && record.queries.contains { $0.takesEveryColumn && $0.mentions(place.relation.tableName) }
    }

    /// An insert that names the column may still give NULL, which no text shows.
    private func required(_ column: SchemaChanges.Place, _ changes: SchemaChanges) -> Finding {
        let name = column.column ?? ""
        if changes.added.contains(column), tables[column.relation]?.hasRows == true {
            return Finding(
                .mayFail,
                "\(column) must have a value, and the rows that are there have none",
                advice: "give it a default, or add it without NOT NULL and fill it first",
            )
        }
        let advice = "give it a default, or require it in the release after the one that fills it"
        let mayLack = Finding(
            .breaksRelease,
            "\(column) must have a value now, and what serves may not give one",
            advice: advice,
        )
        guard case .tried(let trial) = evidence else { return mayLack }
        if let query = trial.record.queries.first(where: { $0.leavesOut(name, of: column.relation) }) {
            return Finding(
                .breaksQueries,
                "\(column) must have a value now, and \(trial.record.release) gives none: \(SQLExcerpt.of(query.text)) (run \(query.calls) times in \(trial.record.observed.briefly))",
                advice: advice,
            )
        }
        return mayLack
    }
}
