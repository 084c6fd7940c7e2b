// SPDX-License-Identifier: Apache-2.0

/// An invariant that did not hold, by its number in docs/INVARIANTS.md.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// Its number.
    public let invariant: Int
    /// What was seen.
    public let text: String

    /// Describes what was seen.
    public init(invariant: Int, text: String) {
        (self.invariant, self.text) = (invariant, text)
    }

    /// `Invariant 3: …`.
    public var description: String { "Invariant \(invariant): \(text)" }
}
