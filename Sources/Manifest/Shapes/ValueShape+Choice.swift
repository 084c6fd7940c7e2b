// SPDX-License-Identifier: Apache-2.0

extension ValueShape where Value: RawRepresentable<String> & CaseIterable & Sendable {
    /// One of the words of an enumeration; `later` are words of versions to come.
    static func choice(later: [String] = []) -> Self {
        ValueShape<String>.oneOf(Value.allCases.map(\.rawValue), later: later)
            .compactMap(
                write: { .text($0.rawValue) },
                Value.init(rawValue:),
            )
    }
}

extension ValueShape where Value == String {
    /// One of some words; `later` are words of versions to come.
    static func oneOf(_ words: [String], later: [String] = []) -> Self {
        let expected = words.alternatives
        let schema: JSONValue = ["type": "string", "enum": .list(words.map { .text($0) })]
        return Self(expected: expected, schema: schema, write: { .text($0) }) { node in
            guard case .scalar(let text, isQuoted: _) = node.content else {
                node.refuse(expected: expected)
                return nil
            }
            if words.contains(text) { return text }
            if later.contains(text) {
                node.refuse(hint: "that is not supported yet; expected \(expected)")
            } else {
                let near = NearestWord.of(text, in: words)
                node.refuse(hint: near.map { "did you mean '\($0)'?" } ?? "expected \(expected)")
            }
            return nil
        }
    }
}

extension ValueShape {
    /// The same place in the file, read as something else that not every value can be.
    func compactMap<Other: Sendable>(
        write: @escaping @Sendable (Other) -> JSONValue?,
        _ transform: @escaping @Sendable (Value) -> Other?,
    ) -> ValueShape<Other> {
        let read = self.read
        return ValueShape<Other>(
            expected: expected,
            schema: schema,
            nested: nested,
            write: write,
            read: { read($0).flatMap(transform) },
        )
    }
}
