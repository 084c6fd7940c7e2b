// SPDX-License-Identifier: Apache-2.0

/// Which names a database, and the role that owns it, may have without ever being quoted.
enum DatabaseNameRule {
    /// The rule in words.
    static let words = "lower-case letters, digits and '_', starting with a letter, at most 63 characters"

    /// The rule as a regular expression.
    static let pattern = "^(?!pg_|(postgres|template0|template1)$)[a-z][a-z0-9_]{0,62}$"

    /// Accepts a name that is not one of PostgreSQL's own.
    static func verdict(_ text: String) -> TextVerdict<String> {
        if text.hasPrefix("pg_") || ["postgres", "template0", "template1"].contains(text) {
            return .refused(hint: "that name is PostgreSQL's own; choose another")
        }
        if admits(text) { return .accepted(text) }
        let better = text.lowercased().replacing("-", with: "_")
        return .refused(hint: admits(better) ? "write \(better)" : nil)
    }

    private static func admits(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...63).contains(bytes.count) && bytes.first.map(isLetter) == true
            && bytes.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
}
