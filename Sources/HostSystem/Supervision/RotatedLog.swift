// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc
import SystemPackage

/// A log folder that is written to as svlogd(8) does: `current`, and files `@…` that were put aside, whose names sort by time.
///
/// A full disk takes the oldest files that were put aside; when there are none, writing waits, or is refused.
public struct RotatedLog: Sendable {
    private static let newline = UInt8(ascii: "\n")

    /// The folder, absolute.
    public let folder: String
    private let fileSize: ByteCount
    private let keptFiles: Int
    private let waitsForRoom: Bool
    private var file: FileDescriptor
    /// How long `current` is.
    public private(set) var size: Int64

    /// Opens a folder, which is made when it is missing, to write behind what is there.
    ///
    /// - Parameters:
    ///   - folder: Absolute.
    ///   - fileSize: A file that reaches this size is put aside at the end of a line.
    ///   - keptFiles: How many of those put aside are kept.
    ///   - waitsForRoom: Whether the calling thread waits while the disk is full; `disk-full` is thrown otherwise, and what was
    ///     written by then is there.
    /// - Throws: `unexpected` when it can't be written to.
    public init(folder: String, fileSize: ByteCount, keptFiles: Int, waitsForRoom: Bool = true) throws {
        self.folder = folder
        self.fileSize = fileSize
        self.keptFiles = keptFiles
        self.waitsForRoom = waitsForRoom
        try Folder.make(folder, mode: 0o700)
        (file, size) = try Self.open("\(folder)/current")
    }

    /// Writes bytes, which may end in the middle of a line, and puts the file aside at the end of a line when it is full.
    public mutating func write(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        if size + Int64(rest.count) >= fileSize.bytes, let end = rest.lastIndex(of: Self.newline) {
            try append(rest[...end])
            try putAside()
            rest = rest[(end + 1)...]
        }
        try append(rest)
    }

    /// Writes whole lines and leaves the file as it is, however large.
    public mutating func append(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        while !rest.isEmpty {
            do {
                let count = try unsafe rest.withUnsafeBytes { try unsafe file.write($0) }
                rest = rest.dropFirst(count)
                size += Int64(count)
            } catch Errno.noSpace {
                if try removeOldest(keeping: 0) { continue }
                guard waitsForRoom else {
                    throw Failure(
                        .diskFull,
                        "\(folder) has no room for what is to be written there",
                        isRetryable: true,
                    )
                }
                sleep(1)
            }
        }
    }

    /// Puts the file aside when it is full, and begins a new one.
    public mutating func putAsideWhenFull() throws {
        if size >= fileSize.bytes { try putAside() }
    }

    /// Says which file `current` is, as long as it is there.
    public var inode: UInt64 {
        var status = stat()
        return unsafe fstat(file.rawValue, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    /// Takes back everything behind a number of bytes of `current`.
    public mutating func cut(to length: Int64) throws {
        guard length < size else { return }
        guard ftruncate(file.rawValue, Int(length)) == 0 else { throw Errno(rawValue: errno) }
        size = length
    }

    /// Ends writing.
    public func close() {
        // Everything was written; there is nothing that a failed close could still lose.
        try? file.close()
    }

    private var current: String { "\(folder)/current" }

    private static func open(_ path: String) throws -> (FileDescriptor, Int64) {
        let file = try FileDescriptor.open(
            FilePath(path),
            .writeOnly,
            options: [.create, .append, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead],
        )
        return (file, try file.seek(offset: 0, from: .end))
    }

    /// Gives the file the name that svlogd would: the time in TAI64N, so that names sort by it.
    private mutating func putAside() throws {
        close()
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        // The label of a second is 2^62 plus seconds since 1970 TAI, which begins 10 s before UTC's.
        let second = String((1 << 62) + 10 + now.tv_sec, radix: 16)
        let nanosecond = String(now.tv_nsec, radix: 16)
        let label = second + String(repeating: "0", count: 8 - nanosecond.count) + nanosecond
        try Folder.rename(current, to: "\(folder)/@\(label).s")
        (file, size) = try Self.open(current)
        while try removeOldest(keeping: keptFiles) {}
    }

    /// Whether there was one more than those to keep.
    private func removeOldest(keeping kept: Int) throws -> Bool {
        let aside = try Folder.names(in: folder).filter { $0.hasPrefix("@") }
        guard aside.count > kept, let oldest = aside.first else { return false }
        try Folder.remove("\(folder)/\(oldest)")
        return true
    }
}
