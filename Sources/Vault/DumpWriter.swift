// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// A dump's file while it is being written: compressed, encrypted and hashed on the way, never listed, gone unless it is
/// finished. Nothing of it is ever on the disk as it was.
actor DumpWriter {
    /// Zstandard's own default.
    private static let level: Int32 = 3
    /// How much of a dump one frame has at least: whoever reads a part reads so much too much.
    static let frameSize: Int64 = 64 << 20
    /// About so many frames has a dump each time that it has grown to three times its size: they are listed in its manifest.
    private static let mostFrames: Int64 = 256
    /// So much is worth handing on.
    private static let worthwhile = 256 << 10

    private let executor = QueueExecutor("backup.write", isBackground: true)
    private let sealer: DumpSealer
    private let keyID: String
    private let frameSize: Int64
    private var compressor: ZstdCompressor
    /// Compressed and not handed on yet.
    private var pending: [UInt8] = []
    /// What was handed on last.
    private var sealing: Task<Void, any Error>?
    /// How much came, and what has become of it before it was encrypted.
    private var (size, compressed): (Int64, Int64) = (0, 0)
    private var frames: [DumpFrame] = []

    /// Compressing takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Begins a file, 0600, in place of what was there.
    init(
        _ path: String,
        of subject: String,
        key: RecoveryKey,
        reserve: ByteCount,
        frameSize: Int64 = DumpWriter.frameSize,
    ) throws(Failure) {
        self.frameSize = frameSize
        keyID = key.id
        compressor = try ZstdCompressor(level: Self.level)
        sealer = try DumpSealer(path, of: subject, key: key, reserve: reserve)
    }

    /// Takes the next bytes; they may be compressed and written later.
    func write(_ bytes: [UInt8]) async throws {
        let begun = frames.last?.plain ?? 0
        if size - begun >= max(frameSize, size / Self.mostFrames) {
            try compress([], isLast: true)
            frames.append(DumpFrame(plain: size, compressed: compressed))
        }
        size += Int64(bytes.count)
        try compress(bytes, isLast: false)
        if pending.count >= Self.worthwhile { try await handOn() }
    }

    /// Returns once every byte is on disk, and which they were.
    func finish() async throws -> StoredDump {
        try compress([], isLast: true)
        try await handOn()
        try await sealing?.value
        return StoredDump(
            seal: try await sealer.finish(),
            encoding: DumpEncoding(
                key: keyID,
                plain: PlainDump(size: ByteCount(size)),
                frames: frames.isEmpty ? nil : frames,
            ),
        )
    }

    private func compress(_ bytes: [UInt8], isLast: Bool) throws(Failure) {
        let before = pending.count
        try compressor.compress(bytes, isLast: isLast, into: &pending)
        compressed += Int64(pending.count - before)
    }

    /// One piece is sealed while the next is compressed, and no more are held.
    private func handOn() async throws {
        try await sealing?.value
        let bytes = pending
        pending = []
        sealing = Task(name: "sealing of a dump") { [sealer] in try await sealer.take(bytes) }
    }
}
