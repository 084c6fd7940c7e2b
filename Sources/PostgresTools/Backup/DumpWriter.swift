// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import DataSafety
import Glibc
import HostSystem
import SystemPackage

/// A dump's file while it is being written: hashed on the way, never listed, gone unless it is finished.
actor DumpWriter {
    /// Between two looks at the disk.
    private static let stride: Int64 = 16 << 20

    private let executor = QueueExecutor("backup.write")
    private let path: String
    private let reserve: ByteCount
    private let file: FileDescriptor
    private var hash = SHA256()
    private var size: Int64 = 0
    private var checkedAt: Int64 = 0

    /// Disks are slow; waiting for them takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Begins a file, 0600, in place of what was there.
    init(_ path: String, reserve: ByteCount) throws(Failure) {
        self.path = path
        self.reserve = reserve
        do {
            file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite],
            )
        } catch {
            throw Self.failure(path, error)
        }
        try Self.requireRoom(path, reserve)
    }

    deinit {
        // Either finished, when nothing is left to lose, or given up.
        try? file.close()
    }

    /// Takes the next bytes.
    func write(_ bytes: [UInt8]) throws(Failure) {
        do {
            try file.writeAll(bytes)
        } catch {
            throw Self.failure(path, error)
        }
        hash.update(data: bytes)
        size += Int64(bytes.count)
        guard size - checkedAt >= Self.stride else { return }
        checkedAt = size
        try Self.requireRoom(path, reserve)
    }

    /// Returns once every byte is on disk, and which they were.
    func finish() throws(Failure) -> DumpSeal {
        guard fsync(file.rawValue) == 0 else { throw Self.failure(path, Errno(rawValue: errno)) }
        return DumpSeal(size: ByteCount(size), sha256: hash.finalize().hexadecimal)
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
