// SPDX-License-Identifier: Apache-2.0

/// A number of bytes.
public struct ByteCount: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// The number.
    public let bytes: Int64

    /// That many bytes.
    public init(_ bytes: Int64) {
        self.bytes = bytes
    }

    /// That many times 1024 × 1024 bytes.
    public static func mebibytes(_ count: Int64) -> Self { Self(count << 20) }

    /// Binary units with one digit: `512 B`, `1.4 MiB`.
    public var description: String {
        var (scaled, unit) = (Double(bytes), "B")
        for larger in ["KiB", "MiB", "GiB", "TiB"] where scaled >= 1024 {
            (scaled, unit) = (scaled / 1024, larger)
        }
        guard unit != "B" else { return "\(bytes) B" }
        let tenths = Int64((scaled * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }

    /// Fewer bytes come first.
    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// Reads a bare number.
    public init(from decoder: any Decoder) throws {
        bytes = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Writes a bare number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
