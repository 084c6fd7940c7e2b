// SPDX-License-Identifier: Apache-2.0

/// Finds what somebody meant to write.
enum NearestWord {
    /// The candidate that `word` is most likely a slip of; nil when none is close.
    ///
    /// Case and `-` for `_` don't count. Close means the beginning of a longer word, or at most a third of the
    /// letters and at most three slips.
    static func of(_ word: String, in candidates: [String]) -> String? {
        let letters = folded(word)
        if letters.count >= 4, let longer = candidates.first(where: { folded($0).starts(with: letters) }) {
            return longer
        }
        let allowed = min(3, max(1, letters.count / 3))
        return
            candidates
            .map { (candidate: $0, slips: distance(letters, folded($0))) }
            .filter { $0.slips <= allowed && $0.slips < $0.candidate.count }
            .min { $0.slips < $1.slips }?
            .candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other
    /// (Damerau-Levenshtein, each place edited once).
    static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var rows = [Array(0...other.count)]
        for (i, letter) in one.enumerated() {
            var row = [i + 1]
            for (j, otherLetter) in other.enumerated() {
                let replaced = rows[i][j] + (letter == otherLetter ? 0 : 1)
                var best = min(replaced, rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, letter == other[j - 1], one[i - 1] == otherLetter {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }

    private static func folded(_ word: String) -> [Character] {
        word.prefix(60).lowercased().map { $0 == "-" ? "_" : $0 }
    }
}
