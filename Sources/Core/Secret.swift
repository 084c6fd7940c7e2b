// SPDX-License-Identifier: Apache-2.0

/// A value that must not be seen.
///
/// Printing, interpolating or encoding it shows dots.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String

    /// Hides `value`.
    public init(_ value: String) {
        self.value = value
    }

    /// The value itself, for the one place that must hand it to a program or a file.
    public func revealed() -> String { value }

    /// Dots.
    public var description: String { "•••" }

    /// Dots.
    public var debugDescription: String { description }

    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
