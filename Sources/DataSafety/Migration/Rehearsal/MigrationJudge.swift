// SPDX-License-Identifier: Apache-2.0
import Core

/// Turns what migrations did to an empty copy into what they will mean for the real tables: pure.
struct MigrationJudge {
    /// The tables of the real database.
    let tables: [String: TableStatistics]
    /// What is known of the queries of the release that serves.
    var evidence = QueryEvidence.none("nobody has recorded any")
    /// Files of that release, by what they name; nil when nobody has looked.
    var files: [String: [String]]?
    /// Why nobody could look.
    var filesProblem: String?
    /// How fast its server is; nil when nobody has measured that.
    var rates: WorkRates?
    /// Reading or rewriting so much takes no longer than a slow query: 0.08 s for 14 MiB with an index, measured on
    /// PostgreSQL 15 on one core of a virtual machine.
    var smallWork = Self.smallWork
    static let smallWork: ByteCount = .mebibytes(16)

    private typealias Finding = MigrationVerdict.Finding

    /// One verdict for each, in their order.
    func verdicts(on traces: [MigrationTrace]) -> [MigrationVerdict] {
        let compatibility = CompatibilityJudge(
            tables: tables,
            evidence: evidence,
            files: files,
            filesProblem: filesProblem,
        )
        var waits = LockJudge(tables: tables, smallWork: smallWork, rates: rates)
            .findings(in: traces)
        return traces.enumerated()
            .map { index, trace in
                var findings = trace.failure.map { [failed($0)] } ?? []
                findings += compatibility.findings(in: trace) + lost(trace)
                findings += waits.removeValue(forKey: index) ?? []
                findings += trace.statements.compactMap { statement in
                    statement.unwatched.map {
                        Finding(.unknown, "\(statement.inShort) could not be watched: \($0)")
                    }
                }
                let sorted = findings.enumerated()
                    .sorted { ($1.element.hazard, $0.offset) < ($0.element.hazard, $1.offset) }
                return MigrationVerdict(
                    migration: trace.migration,
                    findings: sorted.map(\.element),
                    remark: compatibility.remark(on: trace),
                )
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
}
