// SPDX-License-Identifier: Apache-2.0

/// Which texts are the path of a request, possibly with a query.
enum RequestPathRule {
    /// The longest path, in characters.
    private static let longest = 2000

    /// The rule as a regular expression.
    static let pattern = #"^/[^\s#]{0,\#(longest - 1)}$"#

    /// Accepts a path that begins with a slash.
    static func verdict(_ text: String) -> TextVerdict<String> {
        let isClean = text.unicodeScalars.count <= longest && !text.contains { $0.isWhitespace || $0 == "#" }
        if text.hasPrefix("/"), isClean { return .accepted(text) }
        if text.contains("://") { return .refused(hint: "write the path alone, such as /health") }
        return .refused(hint: isClean && !text.isEmpty ? "write /\(text)" : nil)
    }
}
