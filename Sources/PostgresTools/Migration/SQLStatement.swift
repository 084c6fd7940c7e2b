// SPDX-License-Identifier: Apache-2.0

/// One statement of a script.
struct SQLStatement: Hashable {
    /// Without the comments before it and the semicolon after it.
    let text: String
    /// Where it begins, from 1.
    let line: Int

    /// Its first word in capitals.
    var keyword: String { text.prefix { $0.isLetter }.uppercased() }

    /// Whether PostgreSQL refuses it within a transaction ("PreventInTransactionBlock" in its sources), or it ends transactions itself.
    var refusesTransaction: Bool {
        let words = text.uppercased().split(whereSeparator: { !$0.isLetter && $0 != "_" })
        let two = words.prefix(2).joined(separator: " ")
        return switch keyword {
        case "VACUUM", "CLUSTER": true
        case "DO", "CALL": words.contains("COMMIT") || words.contains("ROLLBACK") || keyword == "CALL"
        case "DISCARD": words.contains("ALL")
        case "REINDEX":
            words.contains("CONCURRENTLY") || !Set(words).isDisjoint(with: ["DATABASE", "SCHEMA", "SYSTEM"])
        default:
            words.contains("CONCURRENTLY")
                || [
                    "ALTER SYSTEM", "CREATE DATABASE", "DROP DATABASE", "CREATE TABLESPACE",
                    "DROP TABLESPACE",
                    "CREATE SUBSCRIPTION", "DROP SUBSCRIPTION",
                ]
                .contains(two) || two == "ALTER DATABASE" && words.contains("TABLESPACE")
        }
    }

    /// `BEGIN` or `START TRANSACTION`, with nothing else.
    var beginsTransaction: Bool { ["BEGIN", "START"].contains(keyword) }

    /// `COMMIT` or `END`, with nothing else.
    var commitsTransaction: Bool { ["COMMIT", "END"].contains(keyword) }

    /// Whether it begins or ends a transaction.
    var controlsTransaction: Bool {
        ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"].contains(keyword)
    }
}
