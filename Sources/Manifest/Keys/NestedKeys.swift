// SPDX-License-Identifier: Apache-2.0

/// The keys below a value.
struct NestedKeys: Sendable {
    /// The keys.
    var table: KeyTable
    /// Whether names that the writer chooses come between: `services.NAME.path`.
    var isBelowName = false
}
