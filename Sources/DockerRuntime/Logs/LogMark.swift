// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem

/// How far a container's log has been written down: `mark` beside the log's folder.
///
/// What stands in the log behind it was written by somebody who ended before they could say so, and is written again.
struct LogMark: Codable, Hashable {
    /// The container's own name with the engine.
    var container: String
    /// The time of the last line that was written down, as the engine has it; nil before the first.
    var time: String?
    /// Which file `current` was then.
    var inode: UInt64
    /// How long it was.
    var size: Int64

    /// Reads a mark; nil when there is none, or none that can be read: then the log is written down from the beginning.
    static func read(_ path: String) throws(Failure) -> LogMark? {
        guard let bytes = try FileContent.bytes(of: path) else { return nil }
        return try? JSONDecoder().decode(LogMark.self, from: Data(bytes))
    }

    /// Puts it in place of the last one; a power cut may take it, and what it speaks of.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try FileContent.write(Array(try encoder.encode(self)), to: path + ".new", mode: 0o600)
        try Folder.rename(path + ".new", to: path)
    }
}
