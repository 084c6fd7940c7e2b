// SPDX-License-Identifier: Apache-2.0

/// A text whose few aliases stand for so much that comparing its keys would take years.
///
/// Aliases of aliases double with every step. Nothing here follows them further than the tables of keys reach, but
/// Yams compares the keys of a mapping, and a key may be an alias, a list or a mapping too.
enum AliasBomb {
    /// Whether the text has many aliases as well as keys that are more than words, as nobody's manifest has.
    static func isPossible(in text: String) -> Bool {
        aliasCount(text.utf8) > 30 && text.contains(#/[\]}]\s*:|\?\s|\*\S+\s+:/#)
    }

    /// How many words begin with a star.
    private static func aliasCount(_ bytes: String.UTF8View) -> Int {
        let star = UInt8(ascii: "*")
        return zip(bytes, bytes.dropFirst()).count { $0 == star && $1 > UInt8(ascii: " ") }
    }
}
