// SPDX-License-Identifier: Apache-2.0

/// A name that can't be mixed up with another kind of name.
///
/// `Subject` says what is named; it never exists at run time. The raw value is what people see and type
/// (`d12`, `r7`, `tracehub`), and what is stored.
public struct Identifier<Subject>: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The text as people see it.
    public let rawValue: String

    /// Wraps a text that is already known to be valid.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Wraps a text that is already known to be valid.
    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// The text as people see it.
    public var description: String { rawValue }
}

extension Identifier: Codable {
    /// Reads a bare string.
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes a bare string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension Identifier: Comparable {
    /// Orders by text.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
