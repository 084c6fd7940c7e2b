// SPDX-License-Identifier: Apache-2.0
import Delivery
import FoundationEssentials

/// One file of a log, as it was when it was read.
struct LogFile {
    /// The time before its first line.
    let name: String
    /// Its whole lines.
    private let bytes: [UInt8]

    /// Takes a file's bytes; nil when it has no whole line.
    ///
    /// What stands behind the last line break is still being written.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")), end >= LogTimestamp.length else {
            return nil
        }
        self.bytes = Array(bytes[...end])
        name = String(decoding: bytes[..<LogTimestamp.length], as: UTF8.self)
    }

    /// The place behind its last line.
    var end: LogPosition { LogPosition(file: name, offset: bytes.count) }

    /// Its lines from a number of bytes on, each with the place behind it, at most `limit`.
    func lines(from offset: Int, limit: Int) -> [(line: LogLine, next: LogPosition)] {
        var lines: [(LogLine, LogPosition)] = []
        var start = min(max(0, offset), bytes.count)
        var time = LogTimestamp.date(bytes[...]) ?? Date(timeIntervalSince1970: 0)
        while lines.count < limit, let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let stamp = LogTimestamp.date(bytes[start..<end])
            time = stamp ?? time
            let text =
                stamp == nil ? bytes[start..<end] : bytes[start..<end].dropFirst(LogTimestamp.length + 1)
            let line = LogLine(at: time, text: String(decoding: text, as: UTF8.self))
            lines.append((line, LogPosition(file: name, offset: end + 1)))
            start = end + 1
        }
        return lines
    }
}
