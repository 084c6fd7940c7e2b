// SPDX-License-Identifier: Apache-2.0

/// Names in a statement, as they are: without the quotes that SQL writes some in.
enum SQLNames {
    /// Every name and word outside of texts.
    static func all(in statement: String) -> [String] { words(of: statement).map(\.name) }

    /// Those of a list that begins after a bare word, outside of parentheses: `TO reader, "Odd"`.
    static func list(after word: String, in statement: String) -> [String] {
        let words = words(of: statement)
        guard let begin = words.firstIndex(where: { $0.isBare && $0.depth == 0 && $0.name == word }) else {
            return []
        }
        var found: [String] = []
        for (index, next) in words[(begin + 1)...].enumerated() {
            guard next.depth == 0, index == 0 || next.followsComma else { break }
            found.append(next.name)
        }
        return found
    }

    private struct Word {
        var name: String
        var isBare: Bool
        var depth: Int
        var followsComma: Bool
    }

    private static func words(of statement: String) -> [Word] {
        var (found, rest, depth, followsComma) = ([Word](), Substring(statement), 0, false)
        while let next = rest.first {
            switch next {
            case "'": rest = after("'", rest, escapes: false).rest
            case "\"":
                let (name, left) = after("\"", rest, escapes: false)
                found.append(Word(name: name, isBare: false, depth: depth, followsComma: followsComma))
                (rest, followsComma) = (left, false)
            case _ where next.isLetter || next == "_":
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
                rest = rest.dropFirst(name.count)
                if name == "E", rest.first == "'" {
                    rest = after("'", rest, escapes: true).rest
                } else {
                    found.append(
                        Word(name: String(name), isBare: true, depth: depth, followsComma: followsComma)
                    )
                    followsComma = false
                }
            default:
                if next == "(" { depth += 1 }
                if next == ")" { depth -= 1 }
                if next == "," { followsComma = true }
                rest = rest.dropFirst()
            }
        }
        return found
    }

    /// What stands in quotes, and what follows them.
    private static func after(
        _ quote: Character,
        _ text: Substring,
        escapes: Bool,
    ) -> (name: String, rest: Substring) {
        var (name, rest) = ("", text.dropFirst())
        while let next = rest.first {
            rest = rest.dropFirst()
            if escapes, next == "\\" {
                rest = rest.dropFirst()
            } else if next == quote {
                guard rest.first == quote else { break }
                name.append(next)
                rest = rest.dropFirst()
            } else {
                name.append(next)
            }
        }
        return (name, rest)
    }
}
