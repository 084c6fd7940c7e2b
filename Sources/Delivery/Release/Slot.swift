// SPDX-License-Identifier: Apache-2.0

/// Where a release runs beside another.
public enum Slot: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    /// The first slot.
    case blue
    /// The other slot.
    case green

    /// The slot that this one is not.
    public var other: Slot { self == .blue ? .green : .blue }

    /// `blue` or `green`.
    public var description: String { rawValue }
}
