// SPDX-License-Identifier: Apache-2.0

/// Names and texts as SQL writes them.
enum SQLName {
    /// A name in double quotes.
    static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

    /// A text in single quotes, whatever it contains.
    static func literal(_ text: String) -> String {
        let escaped = text.replacing("'", with: "''")
        return text.contains("\\") ? " E'\(escaped.replacing("\\", with: "\\\\"))'" : "'\(escaped)'"
    }
}
