// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// A dump's file as it comes from elsewhere.
actor RawDumpWriter {
    private let executor = QueueExecutor("backup.fetch", isBackground: true)
    private var file: DumpFile
    private let limit: ByteCount

    /// Disks are slow; waiting for them takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Begins a file of so many bytes.
    init(_ path: String, reserve: ByteCount, atMost limit: ByteCount) throws(Failure) {
        self.limit = limit
        file = try DumpFile(path, reserve: reserve)
    }

    /// Takes the next bytes.
    ///
    /// Throws `backup-failed` when there are more than there may be.
    func write(_ bytes: [UInt8]) throws(Failure) {
        guard file.size.bytes + Int64(bytes.count) <= limit.bytes else {
            throw Failure(.backupFailed, "more came than the \(limit.bytes) bytes that the dump has")
        }
        try file.write(bytes)
    }

    /// Returns once every byte is on disk, and which they were.
    func finish() throws(Failure) -> DumpSeal { try file.finish() }
}
