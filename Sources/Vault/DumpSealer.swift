// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Encrypts, hashes and writes what a dump was compressed to, while its next bytes are compressed.
actor DumpSealer {
    private let executor = QueueExecutor("backup.seal", isBackground: true)
    private var file: DumpFile
    private let chunkSize: Int
    private let cipher: ChunkCipher
    /// Not encrypted yet.
    private var pending: [UInt8] = []
    private var chunks: UInt32 = 0

    /// Disks are slow; waiting for them takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Begins a file, 0600, in place of what was there.
    init(_ path: String, of subject: String, key: RecoveryKey, reserve: ByteCount) throws(Failure) {
        let header = DumpHeader(key)
        chunkSize = header.chunkSize
        cipher = try ChunkCipher(key, header, of: subject)
        file = try DumpFile(path, reserve: reserve)
        try file.write(header.bytes)
    }

    /// Takes the next bytes; the last chunk is another one than the others, so one is always kept back.
    func take(_ bytes: [UInt8]) throws(Failure) {
        pending += bytes
        var begin = 0
        while pending.count - begin > chunkSize {
            try emit(pending[begin..<begin + chunkSize], isLast: false)
            begin += chunkSize
        }
        pending.removeSubrange(..<begin)
    }

    /// Returns once every byte is on disk, and which they were.
    func finish() throws(Failure) -> DumpSeal {
        try emit(pending[...], isLast: true)
        return try file.finish()
    }

    private func emit(_ chunk: ArraySlice<UInt8>, isLast: Bool) throws(Failure) {
        try file.write(try cipher.seal(chunk, number: chunks, isLast: isLast))
        chunks += 1
    }
}
