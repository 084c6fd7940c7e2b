// SPDX-License-Identifier: Apache-2.0

/// What a table of keys and the schema know about a key.
struct KeyDescription: Sendable {
    /// As it is written.
    var name: String
    /// What it is for.
    var about: String
    /// What JSON Schema says about its value.
    var schema: JSONValue
    /// The keys below it, when there are any.
    var nested: NestedKeys?
    /// The hint when it is not said though it must be; nil when it need not be.
    var whenMissing: String?
    /// What holds without it, when the schema shows that.
    var standard: JSONValue?
}
