// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Commands

/// One line of a push.
@Suite("A ref that is pushed")
struct RefUpdateTests {
    private static let (old, new) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))

    @Test("moves, comes or goes", arguments: [40, 64])
    func moves(digits: Int) throws {
        let zeros = String(repeating: "0", count: digits)
        let moved = try #require(RefUpdate("\(Self.old) \(Self.new) refs/heads/main"))
        #expect(moved.existing == Self.old)
        #expect(moved.wanted == Self.new)
        let made = try #require(RefUpdate("\(zeros) \(Self.new) refs/heads/main"))
        #expect(made.existing == nil)
        #expect(made.wanted == Self.new)
        let removed = try #require(RefUpdate("\(Self.old) \(zeros) refs/heads/main"))
        #expect(removed.existing == Self.old)
        #expect(removed.wanted == nil)
    }

    @Test(
        "is a branch only below refs/heads",
        arguments: [
            ("refs/heads/main", "main"), ("refs/heads/feature/x", "feature/x"),
            ("refs/heads/refs/heads/x", "refs/heads/x"), ("refs/tags/v1", nil), ("refs/for/main", nil),
            ("refs/headsmain", nil), ("main", nil), ("HEAD", nil),
        ],
    )
    func branch(ref: String, branch: String?) throws {
        let update = try #require(RefUpdate("\(Self.old) \(Self.new) \(ref)"))
        #expect(update.ref == ref)
        #expect(update.branch == branch)
    }

    @Test("is not made from anything else", arguments: ["", " ", "push-cert", "a b", "a b "])
    func noUpdate(line: String) {
        #expect(RefUpdate(line) == nil)
    }
}
