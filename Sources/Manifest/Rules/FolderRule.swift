// SPDX-License-Identifier: Apache-2.0

/// Which texts name a folder inside the repository.
enum FolderRule {
    /// The rule as a regular expression.
    static let pattern = #"^(?![/~])(?!(.*/)?\.\.(/|$))[^\\]+$"#

    /// Accepts a relative path that stays inside, without `./` and doubled or final slashes.
    static func verdict(_ text: String) -> TextVerdict<String> {
        let parts = text.split(separator: "/").filter { $0 != "." }
        if parts.contains("..") { return .refused(hint: "it may not leave the repository: remove '..'") }
        if text.hasPrefix("/") {
            let inside = parts.joined(separator: "/")
            return .refused(
                hint: "expected a folder inside the repository"
                    + (inside.isEmpty ? "" : ", such as \(inside)")
            )
        }
        if text.contains("\\") { return .refused(hint: "write '/' between folders") }
        guard !text.isEmpty, !text.hasPrefix("~") else { return .refused(hint: nil) }
        return .accepted(parts.isEmpty ? "." : parts.joined(separator: "/"))
    }
}
