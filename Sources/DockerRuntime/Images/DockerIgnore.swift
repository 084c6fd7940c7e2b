// SPDX-License-Identifier: Apache-2.0

/// The rules of a `.dockerignore`: patterns as Go's `filepath.Match` has them, with `**` for any folders; the last one that fits
/// decides, and one behind `!` lets in again.
struct DockerIgnore {
    private struct Rule {
        let parts: [Substring]
        let letsIn: Bool
    }

    private let rules: [Rule]

    /// Reads the file's text.
    init(_ text: String) {
        rules = text.split(whereSeparator: \.isNewline)
            .compactMap { line in
                var pattern = line.drop { $0 == " " || $0 == "\t" }
                while let last = pattern.last, last == " " || last == "\t" { pattern.removeLast() }
                guard !pattern.isEmpty, pattern.first != "#" else { return nil }
                let letsIn = pattern.first == "!"
                if letsIn { pattern = pattern.dropFirst() }
                let parts = pattern.split(separator: "/").filter { $0 != "." }
                return parts.isEmpty ? nil : Rule(parts: parts, letsIn: letsIn)
            }
    }

    /// Whether anything is let in again.
    var hasExceptions: Bool { rules.contains(where: \.letsIn) }

    /// Whether a file or folder is left out, by itself or with a folder that it is in.
    func leavesOut(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        var isOut = false
        for rule in rules {
            let fits = (1...max(1, parts.count)).contains { Self.fits(rule.parts[...], parts.prefix($0)) }
            if fits { isOut = !rule.letsIn }
        }
        return isOut
    }

    private static func fits(_ pattern: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" {
            return (0...path.count).contains { fits(pattern.dropFirst(), path.dropFirst($0)) }
        }
        guard let name = path.first else { return false }
        return matches(Array(first)[...], Array(name)[...]) && fits(pattern.dropFirst(), path.dropFirst())
    }

    /// One name: `*`, `?`, `[a-z]`, `[^a]`, and `\` before what means itself.
    private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        switch first {
        case "*": return (0...name.count).contains { matches(pattern.dropFirst(), name.dropFirst($0)) }
        case "?": return !name.isEmpty && matches(pattern.dropFirst(), name.dropFirst())
        case "[":
            guard let end = pattern.firstIndex(of: "]"), let character = name.first else { return false }
            var members = pattern[pattern.index(after: pattern.startIndex)..<end]
            let isNegated = members.first == "^"
            if isNegated { members = members.dropFirst() }
            return isIn(members, character) != isNegated && matches(pattern[(end + 1)...], name.dropFirst())
        case "\\" where pattern.count > 1:
            let meant = pattern[pattern.index(after: pattern.startIndex)]
            return name.first == meant && matches(pattern.dropFirst(2), name.dropFirst())
        default: return name.first == first && matches(pattern.dropFirst(), name.dropFirst())
        }
    }

    private static func isIn(_ members: ArraySlice<Character>, _ character: Character) -> Bool {
        var rest = members
        while let first = rest.popFirst() {
            if rest.first == "-", rest.count > 1, let last = rest.dropFirst().first {
                if (first...max(first, last)).contains(character) { return true }
                rest = rest.dropFirst(2)
            } else if first == character {
                return true
            }
        }
        return false
    }
}
