// SPDX-License-Identifier: Apache-2.0

/// What may be written in one place of the file: how it is read, and how a schema says it.
///
/// Reading and schema are one value so that they can't drift apart.
struct ValueShape<Value: Sendable>: Sendable {
    /// What a message says was expected: `a duration, such as 30s`.
    var expected: String
    /// What JSON Schema says about it.
    var schema: JSONValue
    /// The keys below it, when it is a mapping or holds mappings.
    var nested: NestedKeys?
    /// The value as JSON, for defaults; nil when the schema shows none.
    var write: @Sendable (Value) -> JSONValue?
    /// Reads a value; reports every mistake in it and returns nil when nothing of it can be used.
    var read: @Sendable (ManifestNode) -> Value?
}

extension ValueShape {
    /// The same place in the file, read as something else.
    func map<Other: Sendable>(
        write: @escaping @Sendable (Other) -> JSONValue? = { _ in nil },
        _ transform: @escaping @Sendable (Value) -> Other,
    ) -> ValueShape<Other> {
        let read = self.read
        return ValueShape<Other>(
            expected: expected,
            schema: schema,
            nested: nested,
            write: write,
            read: { read($0).map(transform) },
        )
    }
}
