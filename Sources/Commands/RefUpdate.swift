// SPDX-License-Identifier: Apache-2.0

/// One ref that a push changes: `OLD NEW REF`.
struct RefUpdate: Hashable {
    let old: String
    let new: String
    let ref: String

    init?(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count == 3 else { return nil }
        (old, new, ref) = (words[0], words[1], words[2])
    }

    /// Where the ref points; nil when the push makes it.
    var existing: String? { old.allSatisfy { $0 == "0" } ? nil : old }

    /// Where it shall point; nil when the push removes it.
    var wanted: String? { new.allSatisfy { $0 == "0" } ? nil : new }

    /// The short name of a branch; nil for any other ref.
    var branch: String? { ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : nil }
}
