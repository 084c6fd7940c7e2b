// SPDX-License-Identifier: Apache-2.0

/// The part of JSON Schema (draft 2020-12) that the manifest's schema uses.
///
/// An unknown keyword is a problem too, so that nothing in the schema goes unchecked.
struct SchemaValidator {
    /// A schema.
    let schema: JSONText

    /// What of a value the schema does not allow; empty when the value is valid.
    func problems(of value: JSONText) throws -> [String] {
        guard case .object(let keywords) = schema else {
            return schema == .boolean(true) ? [] : ["not allowed"]
        }
        return try keywords.flatMap { keyword, rule in
            try problems(of: value, keyword, rule)
        }
    }

    private func problems(of value: JSONText, _ keyword: String, _ rule: JSONText) throws -> [String] {
        switch (keyword, rule) {
        case ("$schema", _), ("title", _), ("description", _), ("default", _): []
        case ("type", .text(let type)): type == value.type || isInteger(value, type) ? [] : ["not \(type)"]
        case ("type", .list(let types)):
            types.contains(.text(value.type)) ? [] : ["\(value.type) is none of \(types.count) types"]
        case ("enum", .list(let words)): words.contains(value) ? [] : ["none of the words"]
        case ("pattern", .text(let pattern)): try patternProblems(value, pattern)
        case ("minimum", .number(let least)): value.number.map { $0 < least } == true ? ["too small"] : []
        case ("maximum", .number(let most)): value.number.map { $0 > most } == true ? ["too large"] : []
        case ("exclusiveMaximum", .number(let most)):
            value.number.map { $0 >= most } == true ? ["too large"] : []
        case ("minProperties", .number(let least)):
            value.count.map { Double($0) < least } == true ? ["empty"] : []
        case ("required", .list(let names)): requiredProblems(value, names)
        case ("items", _): try value.items.flatMap { try SchemaValidator(schema: rule).problems(of: $0) }
        case ("propertyNames", _):
            try value.members.keys.flatMap { try SchemaValidator(schema: rule).problems(of: .text($0)) }
        case ("properties", .object(let properties)): try memberProblems(value, properties)
        case ("additionalProperties", _): try additionalProblems(value, rule)
        case ("not", _): try matches(value, [rule]) == 0 ? [] : ["matches what it must not"]
        case ("anyOf", .list(let choices)): try matches(value, choices) > 0 ? [] : ["matches none"]
        case ("oneOf", .list(let choices)):
            try matches(value, choices) == 1 ? [] : ["does not match exactly one"]
        default: ["the schema uses \(keyword), which this validator does not know"]
        }
    }
}

extension SchemaValidator {
    private func isInteger(_ value: JSONText, _ type: String) -> Bool {
        type == "integer" && value.number.map { $0 == $0.rounded() } == true
    }

    private func patternProblems(_ value: JSONText, _ pattern: String) throws -> [String] {
        guard case .text(let text) = value else { return [] }
        return text.contains(try Regex(pattern)) ? [] : ["'\(text)' does not match \(pattern)"]
    }

    private func requiredProblems(_ value: JSONText, _ names: [JSONText]) -> [String] {
        guard case .object(let members) = value else { return [] }
        return names.compactMap { name in
            guard case .text(let text) = name, members[text] == nil else { return nil }
            return "\(text) is missing"
        }
    }

    private func memberProblems(_ value: JSONText, _ properties: [String: JSONText]) throws -> [String] {
        try value.members.flatMap { name, member in
            try properties[name].map { try SchemaValidator(schema: $0).problems(of: member) } ?? []
        }
    }

    private func additionalProblems(_ value: JSONText, _ rule: JSONText) throws -> [String] {
        let known = schema["properties"]?.members ?? [:]
        return try value.members.filter { known[$0.key] == nil }
            .flatMap { name, member in
                try SchemaValidator(schema: rule).problems(of: member).map { "\(name): \($0)" }
            }
    }

    private func matches(_ value: JSONText, _ choices: [JSONText]) throws -> Int {
        try choices.count { try SchemaValidator(schema: $0).problems(of: value).isEmpty }
    }
}

extension JSONText {
    /// The name of its type in JSON Schema.
    fileprivate var type: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .text: "string"
        case .list: "array"
        case .object: "object"
        }
    }

    fileprivate var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    fileprivate var count: Int? {
        guard case .object(let members) = self else { return nil }
        return members.count
    }

    /// Its items, if it is a list.
    var items: [JSONText] {
        guard case .list(let items) = self else { return [] }
        return items
    }

    /// Its members, if it is an object.
    var members: [String: JSONText] {
        guard case .object(let members) = self else { return [:] }
        return members
    }
}
