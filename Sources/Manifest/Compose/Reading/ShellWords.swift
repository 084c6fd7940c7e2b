// SPDX-License-Identifier: Apache-2.0

/// Takes a command line apart into words, with quotes and backslashes as a shell has them; nothing else means anything.
enum ShellWords {
    /// The words; nil when a quote does not end.
    static func split(_ text: String) -> [String]? {
        var (words, word, quote): ([String], String?, Character?) = ([], nil, nil)
        var rest = text[...]
        while let character = rest.popFirst() {
            switch (quote, character) {
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (.some(let open), character) where open == character: quote = nil
            case (nil, "\\"):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            case ("\"", "\\"):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + ("\"\\$`".contains(next) ? "" : "\\") + String(next)
            case (nil, " "), (nil, "\t"), (nil, "\n"):
                if let found = word { words.append(found) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}
