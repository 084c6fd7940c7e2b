// SPDX-License-Identifier: Apache-2.0
import Core

/// Turns what migrations did to an empty copy into what they will mean for the real tables: pure.
struct MigrationJudge {
    /// The tables of the real database.
    let tables: [String: TableStatistics]
    /// Reading or rewriting so much takes no longer than a slow query: 0.08 s for 14 MiB with an index, measured on
    /// PostgreSQL 15 on one core of a virtual machine.
    var smallWork: ByteCount = .mebibytes(16)

    private typealias Finding = MigrationVerdict.Finding

    /// One verdict for each, in their order.
    func verdicts(on traces: [MigrationTrace]) -> [MigrationVerdict] {
        var waits = LockJudge(tables: tables, smallWork: smallWork).findings(in: traces)
        return traces.enumerated()
            .map { index, trace in
                var findings = trace.failure.map { [failed($0)] } ?? []
                findings += broken(trace.changes) + lost(trace)
                findings += waits.removeValue(forKey: index) ?? []
                findings += trace.statements.compactMap { statement in
                    statement.unwatched.map {
                        Finding(.unknown, "\(statement.inShort) could not be watched: \($0)")
                    }
                }
                let sorted = findings.enumerated()
                    .sorted { ($1.element.hazard, $0.offset) < ($0.element.hazard, $1.offset) }
                return MigrationVerdict(migration: trace.migration, findings: sorted.map(\.element))
            }
    }

    private func failed(_ words: String) -> Finding {
        Finding(
            .mayFail,
            "it did not apply to a copy of the schema without rows: \(words)",
            advice: "mend it, unless it needs rows that the copy does not have",
        )
    }

    private func lost(_ trace: MigrationTrace) -> [Finding] {
        let dropped = trace.changes.lost.compactMap { place -> Finding? in
            guard let table = tables[place.relation], table.hasRows else { return nil }
            return Finding(
                .losesData,
                "\(place) is dropped with what is in it (\(table.inWords))",
                advice: "keep it until no release that you may return to uses it",
            )
        }
        let emptied = trace.statements.flatMap { statement in
            let isDelete = statement.isUnconditional && statement.keywords.contains("DELETE")
            return (statement.emptied + (isDelete ? statement.changed : []))
                .compactMap { name -> Finding? in
                    guard let table = tables[name], table.hasRows else { return nil }
                    return Finding(.losesData, "\(name) is emptied (\(table.inWords))")
                }
        }
        return dropped + emptied
    }

    private func broken(_ changes: SchemaChanges) -> [Finding] {
        let stepwise = "expand and contract: stop using it in one release, and drop or rename it in the next"
        let gone = changes.gone.map { place in
            Finding(
                .breaksRelease,
                changes.renamed.contains(place)
                    ? "\(place) has another name, and what serves may use this one"
                    : "\(place) is gone, and what serves may use it",
                advice: stepwise,
            )
        }
        let missing = changes.missing.map {
            Finding(.breaksRelease, "\($0) is gone, and what serves may use it", advice: stepwise)
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
        return gone + missing + retyped + detached + changes.required.map { required($0, changes) }
    }

    private func required(_ column: SchemaChanges.Place, _ changes: SchemaChanges) -> Finding {
        guard changes.added.contains(column), tables[column.relation]?.hasRows == true else {
            return Finding(
                .breaksRelease,
                "\(column) must have a value now, and what serves may not give one",
                advice: "give it a default, or require it in the release after the one that fills it",
            )
        }
        return Finding(
            .mayFail,
            "\(column) must have a value, and the rows that are there have none",
            advice: "give it a default, or add it without NOT NULL and fill it first",
        )
    }
}
