// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// A place in a log that survives the renaming of its files: the time of a file's first line, and a number of bytes.
///
/// Inode numbers would not do: a new file may get the number of one that was just deleted.
struct LogPosition: Hashable {
    /// The time before the file's first line.
    let file: String
    /// Bytes from the file's beginning.
    let offset: Int

    /// Names a place.
    init(file: String, offset: Int) {
        self.file = file
        self.offset = offset
    }

    /// Reads a cursor that this room made; throws `invalid` for any other.
    init(_ cursor: LogCursor) throws(Failure) {
        let parts = cursor.rawValue.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == LogTimestamp.length, let offset = Int(parts[1]),
            offset >= 0
        else { throw Failure(.invalid, "'\(cursor.rawValue)' is no place in a log") }
        self.init(file: String(parts[0]), offset: offset)
    }

    /// The place as the port has it.
    var cursor: LogCursor { LogCursor(rawValue: "\(file)/\(offset)") }
}
