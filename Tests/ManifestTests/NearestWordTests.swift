// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Manifest

@Suite("The nearest word")
struct NearestWordTests {
    private let words = [
        "path", "build", "test", "build_timeout", "run", "static", "health", "routes", "replicas", "env",
    ]

    @Test(
        "is found for a slip of the fingers",
        arguments: [
            ("biuld", "build"), ("ruotes", "routes"), ("Health", "health"), ("rn", "run"),
            ("replica", "replicas"),
            ("pathh", "path"), ("build-timeout", "build_timeout"), ("buildtimout", "build_timeout"),
            ("repl", "replicas"),
            ("sttaic", "static"), ("EVN", "env"),
        ],
    )
    func near(_ slip: String, _ meant: String) {
        #expect(NearestWord.of(slip, in: words) == meant)
    }

    @Test(
        "is not guessed for something else",
        arguments: ["kubernetes", "x", "", "image", "colour", "domain", "健康"],
    )
    func far(_ word: String) {
        #expect(NearestWord.of(word, in: words) == nil)
    }

    @Test(
        "counts insertions, deletions, replacements and swaps of neighbours",
        arguments: [
            ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "abc", 3), ("abc", "abd", 1),
            ("abc", "ab", 1),
            ("abc", "acb", 1), ("ca", "abc", 3), ("kitten", "sitting", 3), ("biuld", "build", 1),
        ],
    )
    func distance(_ one: String, _ other: String, _ slips: Int) {
        #expect(NearestWord.distance(Array(one), Array(other)) == slips)
        #expect(NearestWord.distance(Array(other), Array(one)) == slips)
    }

    @Test("takes no noticeable time for a very long word")
    func long() {
        #expect(NearestWord.of(String(repeating: "build", count: 100_000), in: words) == nil)
    }
}
