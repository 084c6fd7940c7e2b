// SPDX-License-Identifier: Apache-2.0

/// One statement of a script.
struct SQLStatement: Hashable {
    /// Without the comments before it and the semicolon after it.
    let text: String
    /// Where it begins, from 1.
    let line: Int

    /// Its first word in capitals.
    var keyword: String { text.prefix { $0.isLetter }.uppercased() }

    /// Whether it begins or ends a transaction.
    var controlsTransaction: Bool {
        ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"].contains(keyword)
    }
}
