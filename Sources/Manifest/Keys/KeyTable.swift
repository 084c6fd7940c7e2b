// SPDX-License-Identifier: Apache-2.0

/// The keys that one kind of mapping may have, from which parser and schema both come.
struct KeyTable: Sendable {
    /// What a message says was expected: `keys with values, such as { postgres: 15 }`.
    var expected: String
    /// Its keys, in the order that people write them.
    var keys: [KeyDescription]
    /// Keys of which exactly one must be said; empty when there is no such rule.
    var exactlyOne: [String] = []
    /// Keys of which one at least must be said; empty when there is no such rule.
    var atLeastOne: [String] = []
    /// The hint when none of them is said.
    var whenNone = ""
    /// Words of versions to come, with what to do until then.
    var later: [String: String] = [:]
    /// What other tools call one of the keys.
    var synonyms: [String: String] = [:]

    /// The names of the keys.
    var names: [String] { keys.map(\.name) }

    /// The mapping as JSON Schema.
    var schema: JSONValue {
        let required = keys.filter { $0.whenMissing != nil }.map { JSONValue.text($0.name) }
        let members = keys.map { key in
            JSONValue.Member(
                name: key.name,
                value: key.schema.adding("description", .text(key.about)).adding("default", key.standard),
            )
        }
        let choices = exactlyOne.map { name -> JSONValue in ["required": [.text(name)]] }
        let needed = atLeastOne.map { name -> JSONValue in ["required": [.text(name)]] }
        let isOptional = required.isEmpty && choices.isEmpty
        return JSONValue.object([])
            .adding("type", isOptional ? ["object", "null"] : "object")
            .adding("properties", .object(members))
            .adding("additionalProperties", false)
            .adding("required", required.isEmpty ? nil : .list(required))
            // Where compose files describe a service, it needs none of them here.
            .adding("oneOf", choices.isEmpty ? nil : .list(choices + [["not": ["anyOf": .list(choices)]]]))
            .adding("anyOf", needed.isEmpty ? nil : .list(needed))
    }

    /// Every key here and below, written as `services.NAME.health.path`.
    func everyKey(below path: String = "") -> [String] {
        keys.flatMap { key -> [String] in
            let own = path + key.name
            guard let nested = key.nested else { return [own] }
            return [own] + nested.table.everyKey(below: own + (nested.isBelowName ? ".NAME." : "."))
        }
    }
}
