// SPDX-License-Identifier: Apache-2.0
import Core

/// Turns what a migration did to an empty copy into what it will mean for the real tables: pure.
struct MigrationJudge {
    /// The tables of the real database.
    let tables: [String: TableStatistics]
    /// Reading or rewriting a table up to this size takes no longer than a slow query: about 0.1 s for a rewrite with
    /// one index, measured on PostgreSQL 15 with one disk and one core.
    var smallTable: ByteCount = .mebibytes(16)

    /// The verdict on one migration.
    func verdict(on trace: MigrationTrace) -> MigrationVerdict {
        var findings = trace.failure.map { [failed($0)] } ?? []
        for statement in trace.statements { findings += lost(statement) + broken(statement) }
        for transaction in transactions(trace.statements[...]) { findings += blocked(transaction) }
        let indexed = findings.enumerated()
            .sorted { ($1.element.hazard, $0.offset) < ($0.element.hazard, $1.offset) }
        return MigrationVerdict(migration: trace.migration, findings: indexed.map(\.element))
    }

    private func failed(_ words: String) -> MigrationVerdict.Finding {
        .init(
            .mayFail,
            "it did not apply to a copy of the schema without rows: \(words)",
            advice: "mend it, unless it needs rows that the copy does not have",
        )
    }

    // MARK: What is gone

    private func lost(_ statement: StatementTrace) -> [MigrationVerdict.Finding] {
        var findings = statement.dropped.compactMap { name -> MigrationVerdict.Finding? in
            guard let table = table(of: name), table.hasRows else { return nil }
            return .init(
                .losesData,
                "\(name) is dropped with what is in it (\(table.inWords))",
                advice: "keep it until no release that you may return to uses it",
            )
        }
        findings += statement.emptied.filter { tables[$0]?.hasRows == true }
            .map { .init(.losesData, "\($0) is emptied (\(tables[$0]?.inWords ?? ""))") }
        return findings
    }

    private func broken(_ statement: StatementTrace) -> [MigrationVerdict.Finding] {
        let expandFirst =
            "expand and contract: stop using it in one release, and drop or rename it in the next"
        return statement.dropped.map {
            .init(.breaksRelease, "\($0) is gone, and what serves may use it", advice: expandFirst)
        }
            + statement.renamed.map {
                .init(
                    .breaksRelease,
                    "\($0) has another name, and what serves may use this one",
                    advice: expandFirst,
                )
            }
            + statement.required.map { column in
                guard statement.added.contains(column), table(of: column)?.hasRows == true else {
                    return .init(
                        .breaksRelease,
                        "\(column) must have a value now, and what serves may not give one",
                        advice: "give it a default, or require it in the release after the one that fills it",
                    )
                }
                return .init(
                    .mayFail,
                    "\(column) must have a value, and the rows that are there have none",
                    advice: "give it a default, or add it without NOT NULL and fill it first",
                )
            }
    }

    /// The table that a name is about: its own, or its column's.
    private func table(of name: String) -> TableStatistics? {
        tables[name] ?? name.lastIndex(of: ".").flatMap { tables[String(name[..<$0])] }
    }

    // MARK: Who waits

    /// Statements of the same transaction, in order.
    private func transactions(_ statements: ArraySlice<StatementTrace>) -> [ArraySlice<StatementTrace>] {
        var parts: [ArraySlice<StatementTrace>] = []
        for (index, statement) in statements.enumerated() {
            let position = statements.startIndex + index
            if let last = parts.last, last.first?.transaction == statement.transaction {
                parts[parts.count - 1] = statements[last.startIndex...position]
            } else {
                parts.append(statements[position...position])
            }
        }
        return parts
    }

    /// A lock is held until its transaction ends, so what comes after it counts as well.
    private func blocked(_ transaction: ArraySlice<StatementTrace>) -> [MigrationVerdict.Finding] {
        var strongest: [String: (mode: LockMode, finding: MigrationVerdict.Finding)] = [:]
        for (index, statement) in zip(transaction.indices, transaction) {
            for (relation, mode) in statement.locks.sorted(by: { $0.key < $1.key }) where mode.blocksWrites {
                guard (strongest[relation]?.mode ?? .accessShare) < mode,
                    let work = transaction[index...].lazy.compactMap(slowWork).first
                else { continue }
                let isOwn = work.statement == statement
                let sentence =
                    "\(statement.inShort) holds \(mode.inWords) on \(relation) while "
                    + (isOwn ? "it \(work.words)" : "\(work.statement.inShort) \(work.words)")
                strongest[relation] = (
                    mode,
                    MigrationVerdict.Finding(
                        mode.blocksReads ? .blocksReads : .blocksWrites,
                        sentence,
                        advice: isOwn
                            ? SaferForm.of(statement)
                            : "put the two into different migrations, so that the lock is let go in between",
                    ),
                )
            }
        }
        return strongest.sorted { $0.key < $1.key }.map(\.value.finding)
    }

    /// What takes long about a statement; nil when nothing does.
    private func slowWork(_ statement: StatementTrace) -> (statement: StatementTrace, words: String)? {
        for (verb, relations) in [("writes", statement.rewritten), ("reads", statement.scanned)] {
            if let relation = relations.first(where: { (tables[$0]?.size ?? ByteCount(0)) > smallTable }),
                let table = tables[relation]
            {
                let what = verb == "writes" ? "\(relation) anew" : "all of \(relation)"
                return (statement, "\(verb) \(what) (\(table.inWords))")
            }
        }
        return nil
    }
}
