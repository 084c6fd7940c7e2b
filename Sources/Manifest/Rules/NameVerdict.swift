// SPDX-License-Identifier: Apache-2.0
import Core

/// `NameRule` applied to a text of the file.
enum NameVerdict {
    /// The rule as a regular expression.
    static let pattern = "^[a-z]([a-z0-9-]{0,\(NameRule.longest - 2)}[a-z0-9])?$"

    /// Accepts a name, or names the nearest text that is one.
    static func of<Subject>(_ text: String) -> TextVerdict<Identifier<Subject>> {
        if NameRule.admits(text) { return .accepted(Identifier(text)) }
        return .refused(hint: suggestion(for: text).map { "write \($0): names are \(NameRule.words)" })
    }

    /// The text with everything changed that a name can't have; nil when nothing is left.
    static func suggestion(for text: String) -> String? {
        let letters = text.lowercased().unicodeScalars.map { $0.isNameCharacter ? Character($0) : "-" }
        let words = String(letters).split(separator: "-").joined(separator: "-")
        let name = String(words.drop { !($0.isASCII && $0.isLetter) })
        return NameRule.admits(name) ? name : nil
    }
}

extension Unicode.Scalar {
    fileprivate var isNameCharacter: Bool {
        isASCII && (properties.isLowercase || ("0"..."9").contains(self))
    }
}
