// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc

/// Every file below a folder as it was at a moment, so that it can be told later which of them somebody has changed.
///
/// A file counts as changed when its length, its time of change, its type or its permissions differ; what is in it is not
/// read. Files that came later are not looked for: programs write caches beside their code.
public struct FileListing: Sendable {
    /// For each file `<size> <modified> <mode> <path below the folder>` and a zero byte, ordered by path.
    public let bytes: [UInt8]
    /// The lengths of all files together; nothing for a listing that was kept.
    public let size: ByteCount

    /// A listing that was kept.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
        size = ByteCount(0)
    }

    /// Lists a folder, without the files named in `excluding` right in it.
    public init(of folder: String, excluding: Set<String>) throws(Failure) {
        var (bytes, size): ([UInt8], Int64) = ([], 0)
        try Self.list(folder, "", excluding, &bytes, &size)
        (self.bytes, self.size) = (bytes, ByteCount(size))
    }

    /// Files that are no longer what they were, at most `limit`, as `app/main.py was changed`.
    public func changes(in folder: String, limit: Int) -> [String] {
        let root = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return ["the folder \(folder) is gone"] }
        defer { close(root) }
        var changes: [String] = []
        var rest = bytes[...]
        while changes.count < limit, let end = rest.firstIndex(of: 0) {
            let entry = rest[..<end]
            rest = rest[(end + 1)...]
            guard let (known, path) = Self.parse(entry) else { return ["its list of files can't be read"] }
            var found = stat()
            // The path's own zero byte ends it.
            let refused = unsafe bytes.withUnsafeBytes { buffer in
                let name = unsafe buffer.baseAddress.map { unsafe $0.advanced(by: path.startIndex) }
                guard let name = unsafe name?.assumingMemoryBound(to: CChar.self) else { return Int32(-1) }
                return unsafe fstatat(root, name, &found, AT_SYMLINK_NOFOLLOW)
            }
            if refused != 0 {
                changes.append("\(String(decoding: path, as: UTF8.self)) was removed")
            } else if FileStatus(found) != known {
                changes.append("\(String(decoding: path, as: UTF8.self)) was changed")
            }
        }
        return changes
    }

    private static func list(
        _ folder: String,
        _ prefix: String,
        _ excluding: Set<String>,
        _ bytes: inout [UInt8],
        _ size: inout Int64,
    ) throws(Failure) {
        for name in try Folder.names(in: folder).sorted() where !excluding.contains(name) {
            guard let status = try FileStatus.of("\(folder)/\(name)") else { continue }
            if status.isFolder {
                try list("\(folder)/\(name)", "\(prefix)\(name)/", [], &bytes, &size)
            } else {
                let entry = "\(status.size.bytes) \(status.modified) \(status.mode) \(prefix)\(name)"
                bytes += Array(entry.utf8) + [0]
                size += status.size.bytes
            }
        }
    }

    private static func parse(_ entry: ArraySlice<UInt8>) -> (FileStatus, ArraySlice<UInt8>)? {
        var rest = entry
        var numbers: [Int64] = []
        while numbers.count < 3 {
            guard let end = rest.firstIndex(of: UInt8(ascii: " ")) else { return nil }
            guard let number = number(rest[..<end]) else { return nil }
            numbers.append(number)
            rest = rest[(end + 1)...]
        }
        guard let mode = UInt32(exactly: numbers[2]), !rest.isEmpty else { return nil }
        return (FileStatus(size: ByteCount(numbers[0]), modified: numbers[1], mode: mode), rest)
    }

    /// Digits, without making a text of them first: there are thousands of entries.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var (number, isNegative) = (Int64(0), false)
        for (index, byte) in zip(digits.indices, digits) {
            if index == digits.startIndex, byte == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), number < Int64.max / 10 else {
                return nil
            }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return digits.isEmpty ? nil : isNegative ? -number : number
    }
}
