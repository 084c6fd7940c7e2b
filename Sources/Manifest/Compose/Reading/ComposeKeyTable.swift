// SPDX-License-Identifier: Apache-2.0

/// What becomes of each key of one kind of mapping; every key that the specification has is in one of the three lists.
struct ComposeKeyTable: Sendable {
    /// What the mapping is, for a message: `a service`.
    let noun: String
    /// Keys that are acted on.
    let used: Set<String>
    /// Keys that are not acted on, with what follows from it.
    let unused: [String: String]
    /// Keys that would make something else than is said, or too much, with what to do.
    let refused: [String: String]

    init(_ noun: String, used: Set<String>, unused: [String: String] = [:], refused: [String: String] = [:]) {
        self.noun = noun
        self.used = used
        self.unused = unused
        self.refused = refused
    }

    /// Tells of every key that is not acted on, and of those that nobody knows.
    func check(_ value: ComposeValue, _ subject: String, _ log: ComposeLog) {
        for entry in value.entries where !entry.key.hasPrefix("x-") && !used.contains(entry.key) {
            let says = "'\(entry.key)' of \(subject)"
            if let consequence = unused[entry.key] {
                if !entry.value.saysNothing {
                    log.remark(entry.place, "\(says) is not used: \(consequence)")
                }
            } else if let hint = refused[entry.key] {
                if !entry.value.saysNothing {
                    log.report(entry.place, "\(says) is not supported", hint: hint)
                }
            } else {
                let known = used.union(unused.keys).union(refused.keys).sorted()
                log.report(
                    entry.place,
                    "\(subject) has the unknown key '\(entry.key)'",
                    hint: NearestWord.of(entry.key, in: known).map { "did you mean '\($0)'?" }
                        ?? "a key of your own begins with x-",
                )
            }
        }
    }
}

extension ComposeValue {
    /// Whether it is what would hold without it: nothing, no, none.
    var saysNothing: Bool {
        switch content {
        case .null: true
        case .text(let text, _): ["", "false", "no"].contains(text)
        case .list(let items): items.isEmpty
        case .map(let entries): entries.isEmpty
        }
    }
}
