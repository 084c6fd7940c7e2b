// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// A dump's file while it is being written: compressed, encrypted and hashed on the way, never listed, gone unless it is
/// finished. Nothing of it is ever on the disk as it was.
actor DumpWriter {
    /// Zstandard's own default.
    private static let level: Int32 = 3

    private let executor = QueueExecutor("backup.write", isBackground: true)
    private var file: DumpFile
    private let header: DumpHeader
    private let cipher: ChunkCipher
    private let keyID: String
    private var compressor: ZstdCompressor
    /// Compressed and not encrypted yet.
    private var pending: [UInt8] = []
    private var chunks: UInt32 = 0
    private var size: Int64 = 0

    /// Disks are slow; waiting for them takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Begins a file, 0600, in place of what was there.
    init(_ path: String, of subject: String, key: RecoveryKey, reserve: ByteCount) throws(Failure) {
        header = DumpHeader(key)
        cipher = try ChunkCipher(key, header, of: subject)
        keyID = key.id
        compressor = try ZstdCompressor(level: Self.level)
        file = try DumpFile(path, reserve: reserve)
        try file.write(header.bytes)
    }

    /// Takes the next bytes.
    func write(_ bytes: [UInt8]) throws(Failure) {
        size += Int64(bytes.count)
        try compressor.compress(bytes, isLast: false, into: &pending)
        try emitWholeChunks()
    }

    /// Returns once every byte is on disk, and which they were.
    func finish() throws(Failure) -> StoredDump {
        try compressor.compress([], isLast: true, into: &pending)
        try emitWholeChunks()
        try emit(pending[...], isLast: true)
        return StoredDump(
            seal: try file.finish(),
            encoding: DumpEncoding(key: keyID, plain: PlainDump(size: ByteCount(size))),
        )
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
        try file.write(try cipher.seal(chunk, number: chunks, isLast: isLast))
        chunks += 1
    }
}
