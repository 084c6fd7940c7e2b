// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import DataSafety
import SystemPackage

/// A dump's file while it is being read, hashed on the way.
actor DumpReader {
    private let executor = QueueExecutor("backup.read")
    private let path: String
    private let file: FileDescriptor
    private var hash = SHA256()
    private var size: Int64 = 0
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// Disks are slow; waiting for them takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Opens a file.
    ///
    /// Throws `not-found` when there is none.
    init(_ path: String) throws(Failure) {
        self.path = path
        do {
            file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.noFollow, .closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            throw Failure(.notFound, "there is no \(path)")
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
    }

    deinit {
        // It was only read.
        try? file.close()
    }

    /// The next bytes; empty at the end.
    func read() throws(Failure) -> [UInt8] {
        do {
            let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            let bytes = Array(buffer[..<count])
            hash.update(data: bytes)
            size += Int64(count)
            return bytes
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
    }

    /// Which bytes were read.
    func seal() -> DumpSeal {
        DumpSeal(size: ByteCount(size), sha256: hash.finalize().hexadecimal)
    }
}
