// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import DataSafety
import Glibc
import HostSystem
import SystemPackage

/// A dump's file while it is being written: compressed, encrypted and hashed on the way, never listed, gone unless it is
/// finished. Nothing of it is ever on the disk as it was.
actor DumpWriter {
    /// Between two looks at the disk.
    private static let stride: Int64 = 16 << 20
    /// Zstandard's own default.
    private static let level: Int32 = 3

    private let executor = QueueExecutor("backup.write")
    private let path: String
    private let reserve: ByteCount
    private let file: FileDescriptor
    private let header: DumpHeader
    private let cipher: ChunkCipher
    private let keyID: String
    private var compressor: ZstdCompressor
    /// Compressed and not encrypted yet.
    private var pending: [UInt8] = []
    private var chunks: UInt32 = 0
    private var stored = SealMaker()
    private var plain = SealMaker()
    private var checkedAt: Int64 = 0

    /// Disks are slow; waiting for them takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Begins a file, 0600, in place of what was there.
    init(_ path: String, of subject: String, key: RecoveryKey, reserve: ByteCount) throws(Failure) {
        self.path = path
        self.reserve = reserve
        header = DumpHeader(key)
        cipher = try ChunkCipher(key, header, of: subject)
        keyID = key.id
        compressor = try ZstdCompressor(level: Self.level)
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
        let bytes = header.bytes
        do {
            try file.writeAll(bytes)
        } catch {
            throw Self.failure(path, error)
        }
        stored.add(bytes)
    }

    deinit {
        // Either finished, when nothing is left to lose, or given up.
        try? file.close()
    }

    /// Takes the next bytes.
    func write(_ bytes: [UInt8]) throws(Failure) {
        plain.add(bytes)
        try compressor.compress(bytes, isLast: false, into: &pending)
        try emitWholeChunks()
        guard stored.size - checkedAt >= Self.stride else { return }
        checkedAt = stored.size
        try Self.requireRoom(path, reserve)
    }

    /// Returns once every byte is on disk, and which they were.
    func finish() throws(Failure) -> StoredDump {
        try compressor.compress([], isLast: true, into: &pending)
        try emitWholeChunks()
        try emit(pending[...], isLast: true)
        guard fsync(file.rawValue) == 0 else { throw Self.failure(path, Errno(rawValue: errno)) }
        return StoredDump(seal: stored.seal, encoding: DumpEncoding(key: keyID, plain: plain.seal))
    }

    /// The last chunk is another one than the others, so one is always kept back.
    private func emitWholeChunks() throws(Failure) {
        var begin = 0
        while pending.count - begin > header.chunkSize {
            try emit(pending[begin..<begin + header.chunkSize], isLast: false)
            begin += header.chunkSize
        }
        pending.removeSubrange(..<begin)
    }

    private func emit(_ chunk: ArraySlice<UInt8>, isLast: Bool) throws(Failure) {
        let bytes = try cipher.seal(chunk, number: chunks, isLast: isLast)
        do {
            try file.writeAll(bytes)
        } catch {
            throw Self.failure(path, error)
        }
        stored.add(bytes)
        chunks += 1
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
