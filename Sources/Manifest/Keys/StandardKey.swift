// SPDX-License-Identifier: Apache-2.0

/// A key with the value that holds when it is not said.
struct StandardKey<Value: Sendable>: Sendable {
    /// The key.
    var key: ManifestKey<Value>
    /// What holds without it; the model's own default.
    var standard: Value

    /// Describes a key with its default.
    init(_ name: String, _ shape: ValueShape<Value>, _ about: String, standard: Value) {
        key = ManifestKey(name, shape, about)
        self.standard = standard
    }

    /// The key with its type forgotten.
    var description: KeyDescription {
        var description = key.description
        description.standard = key.shape.write(standard)
        return description
    }
}
