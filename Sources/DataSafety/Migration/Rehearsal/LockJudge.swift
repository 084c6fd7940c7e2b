// SPDX-License-Identifier: Apache-2.0
import Core

/// Says who waits for what: a lock is held until its transaction ends, and everything that is done until then counts,
/// whichever migration does it.
struct LockJudge {
    /// The tables of the real database.
    let tables: [String: TableStatistics]
    /// What is over in a moment.
    let smallWork: ByteCount
    /// How fast its server is; nil when nobody has measured that.
    var rates: WorkRates?

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
        _ longest: (part: Part, words: String, time: Duration?),
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
                + (isOwn ? "it \(longest.words)" : "\(longest.part.statement.inShort) \(longest.words)")
                + (longest.time.map { ", for about \($0.roughly)" } ?? "")
                + (tables[relation]?.traffic?.waiting(for: mode).map { "; \($0)" } ?? ""),
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
        let time = time([(table.size, \.changing)]).map { " for about \($0.roughly)" }
        return (
            [part.migration],
            MigrationVerdict.Finding(
                .blocksWrites,
                "\(statement.inShort) changes every row of \(relation) (\(table.inWords)), and who wants to change one waits\(time ?? "")",
                advice: "change them in batches, each in a transaction of its own",
            ),
        )
    }

    /// What takes longest of everything that is done from here on, and how long all of it takes; nil when that is over in a moment.
    private func work(_ parts: ArraySlice<Part>) -> (part: Part, words: String, time: Duration?)? {
        var (total, pieces): (Int64, [Piece]) = (0, [])
        var longest: (size: Int64, part: Part, words: String)?
        for part in parts {
            let (own, words, parts) = work(part.statement)
            total += own
            pieces += parts
            if own > 0, own > (longest?.size ?? 0) { longest = (own, part, words) }
        }
        guard ByteCount(total) > smallWork else { return nil }
        return longest.map { ($0.part, $0.words, time(pieces)) }
    }

    /// So much of a table, and how fast that goes.
    private typealias Piece = (size: ByteCount, rate: KeyPath<WorkRates, Double>)

    private func time(_ pieces: [Piece]) -> Duration? {
        guard let rates else { return nil }
        return .seconds(pieces.reduce(0) { $0 + Double($1.size.bytes) / max(1, rates[keyPath: $1.rate]) })
    }

    /// How many bytes a statement goes through, and what it does with the most of them.
    private func work(_ statement: StatementTrace) -> (bytes: Int64, words: String, pieces: [Piece]) {
        var (seen, bytes, pieces): (Set<String>, Int64, [Piece]) = ([], 0, [])
        var largest: (size: ByteCount, words: String) = (ByteCount(-1), "")
        let reading = statement.makesIndex ? \WorkRates.indexing : \.reading
        for (verb, relations, rate) in [
            ("writes %s anew", statement.rewritten, \WorkRates.rewriting),
            ("reads all of %s", statement.scanned, reading),
            ("changes rows of %s", statement.changed, \.changing),
        ] {
            for relation in relations where seen.insert(relation).inserted {
                guard let table = tables[relation] else { continue }
                if !table.isPartitioned {
                    bytes += table.size.bytes
                    pieces.append((table.size, rate))
                }
                guard table.size > largest.size else { continue }
                largest = (table.size, verb.replacing("%s", with: relation) + " (\(table.inWords))")
            }
        }
        let more = seen.count - 1
        return (bytes, largest.words + (more > 0 ? " and \(more) more" : ""), pieces)
    }

    private func size(_ relation: String) -> ByteCount { tables[relation]?.size ?? ByteCount(0) }
}

extension StatementTrace {
    /// Whether it reads a table to make an index of it.
    fileprivate var makesIndex: Bool {
        let words = keywords
        return words.prefix(3).contains("INDEX") || words.contains("UNIQUE") || words.contains("PRIMARY")
            || words.contains("EXCLUDE")
    }
}

extension Duration {
    /// `a second`, `40 s`, `12 min`, `3 h`: as exact as an estimate may be.
    fileprivate var roughly: String {
        let seconds = self / .seconds(1)
        return switch seconds {
        case ..<1: "a second"
        case ..<90: "\(Int(seconds.rounded())) s"
        case ..<5400: "\(Int((seconds / 60).rounded())) min"
        default: "\(Int((seconds / 3600).rounded())) h"
        }
    }
}
