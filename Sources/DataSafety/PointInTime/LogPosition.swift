// SPDX-License-Identifier: Apache-2.0

/// A place in PostgreSQL's write-ahead log: how many bytes were written before it, ever.
public struct LogPosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Bytes from the beginning.
    public let bytes: UInt64

    /// A position by its bytes.
    public init(bytes: UInt64) { self.bytes = bytes }

    /// Reads what PostgreSQL writes, `16/B374D848`; nil for anything else.
    public init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let high = UInt32(halves[0], radix: 16),
            let low = UInt32(halves[1], radix: 16)
        else { return nil }
        bytes = UInt64(high) << 32 | UInt64(low)
    }

    /// As PostgreSQL writes it: `16/B374D848`.
    public var description: String {
        "\(String(bytes >> 32, radix: 16, uppercase: true))/\(String(bytes & 0xFFFF_FFFF, radix: 16, uppercase: true))"
    }

    /// Orders by bytes.
    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}

extension LogPosition: Codable {
    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let position = LogPosition(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text)' is no position",
            )
        }
        self = position
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
