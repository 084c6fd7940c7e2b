// SPDX-License-Identifier: Apache-2.0
import Delivery
import FoundationEssentials

/// One file of a log, as it was when it was read.
struct LogFile {
    /// The first time that stands before a line.
    ///
    /// A file that begins in the middle of an endless line has lines before that too.
    let name: String
    /// Its lines, each with its line break.
    private let bytes: [UInt8]

    /// Takes a file's bytes; nil when no line in it has a time.
    ///
    /// What stands behind the last line break of the current file is still being written; in a file that was put aside it
    /// is the beginning of a line that was too long for it.
    init?(_ bytes: [UInt8], isCurrent: Bool) {
        let lineBreak = UInt8(ascii: "\n")
        if isCurrent {
            self.bytes = bytes.lastIndex(of: lineBreak).map { Array(bytes[...$0]) } ?? []
        } else {
            self.bytes = bytes.isEmpty || bytes.last == lineBreak ? bytes : bytes + [lineBreak]
        }
        var start = 0
        while LogTimestamp.date(self.bytes[start...]) == nil {
            guard let end = self.bytes[start...].firstIndex(of: lineBreak) else { return nil }
            start = end + 1
        }
        name = String(decoding: self.bytes[start..<(start + LogTimestamp.length)], as: UTF8.self)
    }

    /// The place behind its last line.
    var end: LogPosition { LogPosition(file: name, offset: bytes.count) }

    /// Its lines from a number of bytes on, each with the place behind it, at most `limit`.
    func lines(from offset: Int, limit: Int) -> [(line: LogLine, next: LogPosition)] {
        var lines: [(LogLine, LogPosition)] = []
        var start = min(max(0, offset), bytes.count)
        var time = LogTimestamp.date(Array(name.utf8)[...]) ?? Date(timeIntervalSince1970: 0)
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
