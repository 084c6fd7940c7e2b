// SPDX-License-Identifier: Apache-2.0

extension Sequence<String> {
    /// `a`, `a or b`, `a, b or c`.
    var alternatives: String { joined(with: "or") }

    /// `a`, `a and b`, `a, b and c`.
    var enumeration: String { joined(with: "and") }

    private func joined(with word: String) -> String {
        let all = Array(self)
        guard let last = all.last, all.count > 1 else { return all.first ?? "" }
        return all.dropLast().joined(separator: ", ") + " \(word) \(last)"
    }
}
