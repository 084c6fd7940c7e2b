// SPDX-License-Identifier: Apache-2.0

/// A key of the file: its name, what it is for, and what may stand there.
struct ManifestKey<Value: Sendable>: Sendable {
    /// As it is written.
    var name: String
    /// What it is for and what holds without it, in a sentence or two; the schema's description.
    var about: String
    /// What may stand there.
    var shape: ValueShape<Value>
    /// The hint when it is not said though it must be; nil when it need not be.
    var whenMissing: String?

    /// Describes a key without a default of its own.
    init(_ name: String, _ shape: ValueShape<Value>, _ about: String, whenMissing: String? = nil) {
        self.name = name
        self.shape = shape
        self.about = about
        self.whenMissing = whenMissing
    }

    /// The key with its type forgotten.
    var description: KeyDescription {
        KeyDescription(
            name: name,
            about: about,
            schema: shape.schema,
            nested: shape.nested,
            whenMissing: whenMissing,
        )
    }
}
