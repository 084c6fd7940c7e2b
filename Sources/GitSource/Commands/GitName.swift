// SPDX-License-Identifier: Apache-2.0
import Core

/// What may stand for a commit or a branch in a call of git, so that nothing else of git's language is spoken.
enum GitName {
    /// Whether a text may be a branch or tag: the rules of git-check-ref-format(1), and no leading `-`.
    static func isReference(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return !text.isEmpty && text != "@" && !text.hasPrefix("-") && !text.hasSuffix(".")
            && !text.contains("..") && !text.contains("@{")
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7F && !"~^:?*[\\".unicodeScalars.contains($0)
            }
            && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
    }

    /// Whether a text may be the beginning of a hash.
    static func isHash(_ text: String) -> Bool {
        (4...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
    }

    /// A whole hash; throws `invalid` for anything else.
    static func checked(_ commit: CommitID) throws(Failure) -> String {
        let text = commit.rawValue
        guard isHash(text), [40, 64].contains(text.utf8.count) else {
            throw Failure(.invalid, "'\(text)' is not the hash of a commit")
        }
        return text
    }

    /// The full name of a branch; throws `invalid` for what can't be one.
    static func branch(_ name: String) throws(Failure) -> String {
        guard isReference(name) else { throw Failure(.invalid, "'\(name)' can't be the name of a branch") }
        return "refs/heads/\(name)"
    }

    /// A path below the root of a tree; throws `invalid` for any other.
    static func path(_ text: String) throws(Failure) -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard !text.utf8.contains(0), parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw Failure(.invalid, "'\(text)' is not a path below the repository's root")
        }
        return text
    }
}
