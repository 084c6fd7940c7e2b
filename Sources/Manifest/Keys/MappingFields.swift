// SPDX-License-Identifier: Apache-2.0

/// The values of a mapping, by the keys of its table.
struct MappingFields {
    /// The mapping.
    let node: ManifestNode
    private let members: [String: ManifestNode]

    /// Finds the values of a mapping, and reports keys that its table does not have and rules that it breaks.
    ///
    /// An empty value is a mapping without keys. Nil, with a report, when the value is something else.
    init?(_ node: ManifestNode, _ table: KeyTable) {
        switch node.content {
        case .empty: members = [:]
        case .mapping(let mapping):
            let pairs = node.members(of: mapping)
            members = Dictionary(pairs.map { ($0.key, $0.node) }) { first, _ in first }
        default:
            node.refuse(expected: table.expected)
            return nil
        }
        self.node = node
        let meant = reportUnknownKeys(table)
        for key in table.keys where !meant.contains(key.name) {
            key.whenMissing.map { reportMissing([key.name], hint: $0) }
        }
        let said = table.exactlyOne.filter(says)
        if said.count > 1 {
            let both = said.map { "'\($0)'" }.enumeration
            node.log.report(node.keyPlace, "\(node.path) has both \(both)", hint: "keep one of them")
        } else if said.isEmpty, !table.exactlyOne.isEmpty, !node.log.describesAdditions,
            meant.isDisjoint(with: table.exactlyOne)
        {
            reportMissing(table.exactlyOne, hint: table.whenNone)
        }
        if let first = table.atLeastOne.first, meant.isDisjoint(with: table.atLeastOne) {
            reportMissing([first], hint: table.whenNone)
        }
    }

    /// Whether a key is there, right or wrong.
    func says(_ name: String) -> Bool { members[name] != nil }

    /// The value of a key; nil when it is not said, or said wrongly.
    func value<Value>(_ key: ManifestKey<Value>) -> Value? {
        members[key.name].flatMap(key.shape.read)
    }

    /// The value of a key, or its default.
    func value<Value>(_ key: StandardKey<Value>) -> Value {
        value(key.key) ?? key.standard
    }
}

extension MappingFields {
    /// The known keys that were said, and those that an unknown or future key most likely stands for.
    private func reportUnknownKeys(_ table: KeyTable) -> Set<String> {
        var meant: Set<String> = []
        for (name, member) in members.sorted(by: { $0.value.keyPlace < $1.value.keyPlace }) {
            if table.names.contains(name) {
                meant.insert(name)
            } else if let hint = table.later[name] {
                meant.formUnion(table.names)
                node.log.report(
                    member.path,
                    at: member.keyPlace,
                    "'\(name)' is not supported yet",
                    hint: hint,
                )
            } else {
                let near = table.synonyms[name] ?? NearestWord.of(name, in: table.names)
                near.map { _ = meant.insert($0) }
                let hint = near.map { "did you mean '\($0)'?" } ?? Self.placeHint(name, table)
                node.log.report(
                    member.path,
                    at: member.keyPlace,
                    "unknown key '\(name)'\(node.inside)",
                    hint: hint,
                )
            }
        }
        return meant
    }

    private func reportMissing(_ names: [String], hint: String) {
        let quoted = names.map { "'\($0)'" }
        let what = (names.count == 1 ? "no " : "neither ") + quoted.joined(separator: " nor ")
        node.log.report(node.keyPlace, "\(node.path) has \(what)", hint: hint)
    }

    private static func placeHint(_ name: String, _ table: KeyTable) -> String {
        let names = table.names.joined(separator: ", ")
        let everywhere = ProjectKeys.table.everyKey()
        if everywhere.contains(name) { return "it belongs at the top of the file; known here: \(names)" }
        guard let elsewhere = everywhere.first(where: { $0.hasSuffix(".\(name)") }) else {
            return "known: \(names)"
        }
        return "it belongs below \(elsewhere.dropLast(name.count + 1)); known here: \(names)"
    }
}
