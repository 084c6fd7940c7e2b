// SPDX-License-Identifier: Apache-2.0

/// Where one sequence stood.
///
/// Sequences are outside every snapshot: they go on while a dump is made. Earlier versions have read a source's sequence before
/// and after, and a restored one must lie between; now it is where the dump says.
public struct SequenceFingerprint: Hashable, Sendable, Codable {
    /// The last value before the dump began.
    public var before: Int64
    /// The last value after the dump ended.
    public var after: Int64

    /// Describes a sequence.
    public init(before: Int64, after: Int64) {
        self.before = before
        self.after = after
    }

    /// Describes a sequence that nobody uses.
    public init(_ value: Int64) {
        self.init(before: value, after: value)
    }

    /// Whether a copy made in between may stand at `value`.
    public func admits(_ value: Int64) -> Bool {
        (min(before, after)...max(before, after)).contains(value)
    }
}
