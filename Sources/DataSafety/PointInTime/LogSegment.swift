// SPDX-License-Identifier: Apache-2.0
public import Core

/// One file of a server's write-ahead log.
public struct LogSegment: Hashable, Sendable, Comparable {
    /// How many bytes each has, as `initdb` makes clusters unless it is told otherwise.
    public static let size = ByteCount.mebibytes(16)

    private static let perFile: UInt64 = 0x1_0000_0000 / UInt64(size.bytes)

    /// The stream that it was received in; see ``LogMark/stream``.
    public let stream: String
    /// The branch of the server's history.
    public let timeline: UInt32
    /// Which one, from 0.
    public let number: UInt64

    /// Describes a segment.
    public init(stream: String, timeline: UInt32, number: UInt64) {
        (self.stream, self.timeline, self.number) = (stream, timeline, number)
    }

    /// The segment that holds a position.
    public init(stream: String, timeline: UInt32, holding position: LogPosition) {
        self.init(stream: stream, timeline: timeline, number: position.bytes / UInt64(Self.size.bytes))
    }

    /// Reads a file's name; nil when it is no segment's.
    public init?(stream: String, name: some StringProtocol) {
        guard name.utf8.count == 24, name.allSatisfy({ $0.isHexDigit && !$0.isLowercase }),
            let timeline = UInt32(name.prefix(8), radix: 16),
            let high = UInt64(name.dropFirst(8).prefix(8), radix: 16),
            let low = UInt64(name.suffix(8), radix: 16), low < Self.perFile
        else { return nil }
        self.init(stream: stream, timeline: timeline, number: high * Self.perFile + low)
    }

    /// As PostgreSQL names its file: `000000010000000000000002`.
    public var name: String {
        [UInt64(timeline), number / Self.perFile, number % Self.perFile]
            .map { part in
                let digits = String(part, radix: 16, uppercase: true)
                return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
            }
            .joined()
    }

    /// Where it begins.
    public var start: LogPosition { LogPosition(bytes: number * UInt64(Self.size.bytes)) }

    /// The one before; nil for the first.
    public var previous: LogSegment? {
        number == 0 ? nil : LogSegment(stream: stream, timeline: timeline, number: number - 1)
    }

    /// Orders within a stream.
    public static func < (left: Self, right: Self) -> Bool {
        (left.stream, left.timeline, left.number) < (right.stream, right.timeline, right.number)
    }
}
