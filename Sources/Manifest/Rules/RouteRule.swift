// SPDX-License-Identifier: Apache-2.0

/// Which texts are a route: a path prefix, spelled in one way only.
enum RouteRule {
    /// The rule as a regular expression.
    static let pattern = "^/((?!\\.\\.?(/|$))[A-Za-z0-9._~@%+-]+(/(?!\\.\\.?(/|$))[A-Za-z0-9._~@%+-]+)*)?$"

    /// Accepts `/` and paths without a final slash.
    static func verdict(_ text: String) -> TextVerdict<String> {
        if admits(text) { return .accepted(text) }
        let segments = text.split(separator: "/").filter { !$0.allSatisfy { $0 == "*" } }
        let better = "/" + segments.joined(separator: "/")
        guard admits(better), !text.contains("://"), !segments.isEmpty || text.contains("/") else {
            return .refused(hint: nil)
        }
        return .refused(
            hint: text.contains("*")
                ? "write \(better): it answers everything below it too" : "write \(better)"
        )
    }

    private static func admits(_ text: String) -> Bool {
        guard text.hasPrefix("/") else { return false }
        return text == "/"
            || text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isSegment)
    }

    private static func isSegment(_ text: Substring) -> Bool {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._~@%+-".contains($0)) }
        return isPlain && !["", ".", ".."].contains(text)
    }
}
