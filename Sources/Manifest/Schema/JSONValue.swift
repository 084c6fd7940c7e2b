// SPDX-License-Identifier: Apache-2.0

/// A JSON value whose members keep their order, as a schema should be read.
indirect enum JSONValue: Hashable, Sendable {
    /// A string.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// A number.
    case number(Double)
    /// A truth value.
    case boolean(Bool)
    /// An array.
    case list([JSONValue])
    /// An object.
    case object([Member])

    /// A member of an object.
    struct Member: Hashable, Sendable {
        /// Its name.
        var name: String
        /// Its value.
        var value: JSONValue
    }

    /// The names of JSON Schema's types that YAML may guess for a text without quotes.
    static let scalarTypes: JSONValue = ["string", "number", "boolean"]

    /// This object with a member more; anything else as it is.
    func adding(_ name: String, _ value: JSONValue?) -> Self {
        guard case .object(let members) = self, let value else { return self }
        return .object(members + [Member(name: name, value: value)])
    }

    /// This object with a member's value replaced.
    func replacing(_ name: String, with value: JSONValue) -> Self {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.name == name ? Member(name: name, value: value) : $0 })
    }
}

extension JSONValue: ExpressibleByStringLiteral {
    /// A string.
    init(stringLiteral value: String) { self = .text(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    /// A whole number.
    init(integerLiteral value: Int) { self = .integer(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    /// A truth value.
    init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension JSONValue: ExpressibleByArrayLiteral {
    /// An array.
    init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    /// An object, in the order of the literal.
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(name: $0, value: $1) })
    }
}
