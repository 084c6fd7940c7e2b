// SPDX-License-Identifier: Apache-2.0

/// Texts as YAML scalars.
enum YAMLText {
    /// The text without quotes where it means the same, otherwise in single quotes.
    static func plain(_ text: String) -> String {
        let special = "!&*-?|>%@`\"'#{}[],:~ "
        let begins = text.first.map { special.contains($0) } ?? true
        let flow = text.contains { "{}[],".contains($0) }
        let breaks = text.contains(": ") || text.contains(" #") || text.hasSuffix(":") || text.hasSuffix(" ")
        let isWord = ["null", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
        let isPlain = !begins && !flow && !breaks && !isWord && Double(text) == nil
        return isPlain ? text : "'" + text.replacing("'", with: "''") + "'"
    }
}
