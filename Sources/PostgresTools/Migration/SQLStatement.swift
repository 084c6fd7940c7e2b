// SPDX-License-Identifier: Apache-2.0

/// One statement of a script.
struct SQLStatement: Hashable {
    /// Without the comments before it and the semicolon after it.
    let text: String
    /// Where it begins, from 1.
    let line: Int

    /// Its first word in capitals.
    var keyword: String { text.prefix { $0.isLetter }.uppercased() }

    /// Whether PostgreSQL refuses it within a transaction.
    var refusesTransaction: Bool {
        let words = text.uppercased().split(whereSeparator: { !$0.isLetter && $0 != "_" })
        return words.contains("CONCURRENTLY") || ["VACUUM"].contains(keyword)
            || ["ALTER SYSTEM", "CREATE DATABASE", "DROP DATABASE", "CREATE TABLESPACE", "DROP TABLESPACE"]
                .contains(words.prefix(2).joined(separator: " "))
    }

    /// Whether it begins or ends a transaction.
    var controlsTransaction: Bool {
        ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"].contains(keyword)
    }
}
