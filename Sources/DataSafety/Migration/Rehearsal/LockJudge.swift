// SPDX-License-Identifier: Apache-2.0
import Core

/// Says who waits for what: a lock is held until its transaction ends, and everything that is done until then counts,
/// whichever migration does it.
struct LockJudge {
    /// The tables of the real database.
    let tables: [String: TableStatistics]
    /// What is over in a moment.
    let smallWork: ByteCount

    /// A statement, and which migration it belongs to.
    private struct Part {
        var migration: Int
        var statement: StatementTrace
    }

    /// What was found, by the migration's place.
    func findings(in traces: [MigrationTrace]) -> [Int: [MigrationVerdict.Finding]] {
        let parts = traces.enumerated()
            .flatMap { index, trace in
                trace.statements.map { Part(migration: index, statement: $0) }
            }
        var findings: [Int: [MigrationVerdict.Finding]] = [:]
        for transaction in Dictionary(grouping: parts, by: \.statement.transaction)
            .sorted(by: { $0.key < $1.key })
        {
            for (migrations, finding) in blocked(transaction.value) {
                for migration in migrations { findings[migration, default: []].append(finding) }
            }
        }
        return findings
    }

    private func blocked(_ parts: [Part]) -> [(migrations: Set<Int>, finding: MigrationVerdict.Finding)] {
        var strongest: [String: (mode: LockMode, migrations: Set<Int>, finding: MigrationVerdict.Finding)] =
            [:]
        for (index, part) in parts.enumerated() {
            for (relation, mode) in part.statement.locks.sorted(by: { $0.key < $1.key })
            where mode.blocksWrites {
                guard (strongest[relation]?.mode ?? .accessShare) < mode, let longest = work(parts[index...])
                else { continue }
                strongest[relation] = (
                    mode, [part.migration, longest.part.migration], finding(part, relation, mode, longest),
                )
            }
        }
        return strongest.sorted { $0.key < $1.key }.map { ($0.value.migrations, $0.value.finding) }
            + parts.compactMap(heldRows)
    }

    private func finding(
        _ part: Part,
        _ relation: String,
        _ mode: LockMode,
        _ longest: (part: Part, words: String),
    ) -> MigrationVerdict.Finding {
        let isOwn = longest.part.statement == part.statement
        let advice: String?
        if isOwn {
            advice = SaferForm.of(part.statement)
        } else if longest.part.migration == part.migration {
            advice = "put the two into different migrations, each in a transaction of its own"
        } else {
            advice =
                "give each migration a transaction of its own (Alembic: transaction_per_migration=True in env.py)"
        }
        return MigrationVerdict.Finding(
            mode.blocksReads ? .blocksReads : .blocksWrites,
            "\(part.statement.inShort) holds \(mode.inWords) on \(relation) while "
                + (isOwn ? "it \(longest.words)" : "\(longest.part.statement.inShort) \(longest.words)"),
            advice: advice,
        )
    }

    /// Rows that a statement changes are nobody else's to change until its transaction ends.
    private func heldRows(_ part: Part) -> (Set<Int>, MigrationVerdict.Finding)? {
        let statement = part.statement
        guard statement.isUnconditional,
            let relation = statement.changed.first(where: { size($0) > smallWork }),
            let table = tables[relation]
        else { return nil }
        return (
            [part.migration],
            MigrationVerdict.Finding(
                .blocksWrites,
                "\(statement.inShort) changes every row of \(relation) (\(table.inWords)), and who wants to change one waits",
                advice: "change them in batches, each in a transaction of its own",
            ),
        )
    }

    /// What takes longest of everything that is done from here on; nil when all of it together is over in a moment.
    private func work(_ parts: ArraySlice<Part>) -> (part: Part, words: String)? {
        var total: Int64 = 0
        var longest: (size: Int64, part: Part, words: String)?
        for part in parts {
            let (own, words) = work(part.statement)
            total += own
            if own > 0, own > (longest?.size ?? 0) { longest = (own, part, words) }
        }
        guard ByteCount(total) > smallWork else { return nil }
        return longest.map { ($0.part, $0.words) }
    }

    /// How many bytes a statement goes through, and what it does with the most of them.
    private func work(_ statement: StatementTrace) -> (bytes: Int64, words: String) {
        var (seen, bytes): (Set<String>, Int64) = ([], 0)
        var largest: (size: ByteCount, words: String) = (ByteCount(-1), "")
        for (verb, relations) in [
            ("writes %s anew", statement.rewritten), ("reads all of %s", statement.scanned),
            ("changes rows of %s", statement.changed),
        ] {
            for relation in relations where seen.insert(relation).inserted {
                guard let table = tables[relation] else { continue }
                bytes += table.isPartitioned ? 0 : table.size.bytes
                guard table.size > largest.size else { continue }
                largest = (table.size, verb.replacing("%s", with: relation) + " (\(table.inWords))")
            }
        }
        let more = seen.count - 1
        return (bytes, largest.words + (more > 0 ? " and \(more) more" : ""))
    }

    private func size(_ relation: String) -> ByteCount { tables[relation]?.size ?? ByteCount(0) }
}
