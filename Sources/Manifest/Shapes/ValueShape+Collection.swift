// SPDX-License-Identifier: Apache-2.0

extension ValueShape {
    /// A list; items that are wrong are reported and left out.
    static func list<Item>(of item: ValueShape<Item>, expected: String) -> Self where Value == [Item] {
        let schema: JSONValue = ["type": ["array", "null"], "items": item.schema]
        return Self(expected: expected, schema: schema, nested: item.nested, write: { _ in nil }) { node in
            switch node.content {
            case .empty: return []
            case .list(let nodes): return node.items(nodes).compactMap(item.read)
            default:
                node.refuse(expected: expected)
                return nil
            }
        }
    }

    /// A list, or one item without the brackets.
    static func oneOrMore<Item>(_ item: ValueShape<Item>, expected: String) -> Self where Value == [Item] {
        let list = ValueShape.list(of: item, expected: expected)
        return either(item.map { [$0] }, or: list)
    }

    /// A mapping with keys that the writer chooses, in the order of the file.
    ///
    /// An entry with a wrong key is read all the same, so that its own mistakes are found too.
    static func map<Item>(
        of item: ValueShape<Item>,
        keys: MapKeyRule,
        expected: String,
    ) -> Self where Value == [(key: String, value: Item)] {
        let names = keys.pattern.map { pattern -> JSONValue in ["pattern": .text(pattern)] }
        let schema = JSONValue.object([])
            .adding("type", ["object", "null"])
            .adding("propertyNames", names)
            .adding("additionalProperties", item.schema)
        let nested = item.nested.map { NestedKeys(table: $0.table, isBelowName: true) }
        return Self(expected: expected, schema: schema, nested: nested, write: { _ in nil }) { node in
            switch node.content {
            case .empty: return []
            case .mapping(let mapping):
                return node.members(of: mapping)
                    .compactMap { key, member in
                        keys.check(key, of: member)
                        return item.read(member).map { (key, $0) }
                    }
            default:
                node.refuse(expected: expected)
                return nil
            }
        }
    }

    /// A short form (a text, number or truth value) of something that is otherwise a list or mapping.
    static func either(_ short: Self, or long: Self) -> Self {
        let schema: JSONValue = ["anyOf": [short.schema, long.schema]]
        return Self(expected: long.expected, schema: schema, nested: long.nested, write: short.write) {
            node in
            switch node.content {
            case .scalar: short.read(node)
            default: long.read(node)
            }
        }
    }
}

extension ValueShape {
    /// A mapping from chosen keys whose order does not matter.
    static func dictionary<Item>(
        of item: ValueShape<Item>,
        keys: MapKeyRule,
        expected: String,
    ) -> Self where Value == [String: Item] {
        ValueShape<[(key: String, value: Item)]>.map(of: item, keys: keys, expected: expected)
            .map {
                Dictionary($0.map { ($0.key, $0.value) }) { first, _ in first }
            }
    }
}

extension ValueShape where Value: Collection {
    /// The same collection, which may not be empty.
    static func atLeastOne(_ shape: Self, whenNone hint: String) -> Self {
        var shape = shape
        shape.schema = shape.schema.replacing("type", with: "object").adding("minProperties", 1)
        let read = shape.read
        shape.read = { node in
            let value = read(node)
            if value?.isEmpty == true {
                node.log.report(node.path, at: node.keyPlace, "\(node.path) is empty", hint: hint)
            }
            return value
        }
        return shape
    }
}
