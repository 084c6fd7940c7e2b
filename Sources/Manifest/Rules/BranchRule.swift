// SPDX-License-Identifier: Apache-2.0

/// Which texts name one branch, by the rules of `git check-ref-format --branch`.
enum BranchRule {
    /// The rule as a regular expression.
    static let pattern =
        #"^(?![-/.])(?!refs/)(?!.*(\.\.|//|@\{|/\.|\.lock(/|$)))[^\x00-\x20\x7f~^:?*\[\\]*[^\x00-\x20\x7f~^:?*\[\\/.]$"#

    /// Accepts the name of one branch.
    static func verdict(_ text: String) -> TextVerdict<String> {
        if text.contains("*") { return .refused(hint: "an environment has one branch, not a pattern") }
        if text.hasPrefix("refs/heads/") { return .refused(hint: "write \(text.dropFirst(11))") }
        let hasForbidden = text.unicodeScalars.contains {
            $0.value <= 0x20 || $0.value == 0x7F || "~^:?[\\".contains(Character($0))
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let areParts = parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
        let isName =
            !text.contains("..") && !text.contains("@{") && !text.hasPrefix("-") && !text.hasSuffix(".")
        return .accepting(text, if: !hasForbidden && areParts && isName && !text.hasPrefix("refs/"))
    }
}
