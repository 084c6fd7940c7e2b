// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// The beginning of a segment's first page (XLogLongPageHeaderData, access/xlog_internal.h): where in its log it is.
struct SegmentHeader: Hashable {
    /// How many bytes say it.
    static let size = 40

    /// Where the page begins.
    let position: LogPosition

    /// Reads it; nil when these bytes begin no segment of the usual size, such as those of a file that nothing was written to yet.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.size, Self.number(bytes, 0, 2) & 0xFF00 == 0xD100,
            Self.number(bytes, 2, 2) & Self.isLong != 0,
            Self.number(bytes, 32, 4) == UInt64(LogSegment.size.bytes)
        else { return nil }
        position = LogPosition(bytes: Self.number(bytes, 8, 8))
    }

    private static let isLong: UInt64 = 0x0002

    /// A number as this machine, which wrote it, has it in memory.
    private static func number(_ bytes: [UInt8], _ begin: Int, _ count: Int) -> UInt64 {
        bytes[begin..<begin + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
