// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Glibc
import HostSystem
import SystemPackage

/// A file that is being written, 0600: hashed on the way, and never into the room that the disk must keep.
struct DumpFile: ~Copyable {
    /// Between two looks at the disk.
    private static let stride: Int64 = 16 << 20

    private let path: String
    private let reserve: ByteCount
    private let file: FileDescriptor
    private var maker = SealMaker()
    private var checkedAt: Int64 = 0

    /// Begins a file in place of what was there.
    ///
    /// - Parameters:
    ///   - path: Where.
    ///   - reserve: How much of the disk is always left free.
    /// - Throws: `disk-full`.
    init(_ path: String, reserve: ByteCount) throws(Failure) {
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite],
            )
        } catch {
            throw Self.failure(path, error)
        }
        do {
            try Self.requireRoom(path, reserve)
        } catch {
            // Nothing was written to it.
            try? opened.close()
            throw error
        }
        self.path = path
        self.reserve = reserve
        file = opened
    }

    deinit {
        // Either finished, when nothing is left to lose, or given up.
        try? file.close()
    }

    /// How many bytes it has.
    var size: ByteCount { ByteCount(maker.size) }

    /// Takes the next bytes.
    mutating func write(_ bytes: [UInt8]) throws(Failure) {
        do {
            try file.writeAll(bytes)
        } catch {
            throw Self.failure(path, error)
        }
        maker.add(bytes)
        guard maker.size - checkedAt >= Self.stride else { return }
        checkedAt = maker.size
        try Self.requireRoom(path, reserve)
    }

    /// Returns once every byte is on disk, and which they were.
    mutating func finish() throws(Failure) -> DumpSeal {
        guard fsync(file.rawValue) == 0 else { throw Self.failure(path, Errno(rawValue: errno)) }
        return maker.seal
    }

    /// A full disk stops the database that is being saved, so some of it is left alone.
    private static func requireRoom(_ path: String, _ reserve: ByteCount) throws(Failure) {
        let left = try DiskSpace.available(at: path)
        guard left < reserve else { return }
        throw Failure(
            .diskFull,
            "only \(left) are left where \(path) is written, less than the \(reserve) that are kept free",
            hint: "free some space on its disk, then try again",
        )
    }

    private static func failure(_ path: String, _ error: any Error) -> Failure {
        let isFull = [Errno.noSpace, Errno(rawValue: EDQUOT)].contains(error as? Errno)
        return Failure(
            isFull ? .diskFull : .unexpected,
            "could not write \(path)",
            cause: String(describing: error),
        )
    }
}
