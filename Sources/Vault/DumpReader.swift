// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import SystemPackage

/// A dump's file while it is being read: hashed, opened and decompressed on the way.
///
/// Nothing is handed over that was not authenticated, so a dump that was changed is told before a byte of it is used. A file
/// without a header is what earlier versions wrote: `pg_dump`'s own bytes.
actor DumpReader {
    private let executor: QueueExecutor
    private let path: String
    private let file: FileDescriptor
    private var stored = SealMaker()
    private var size: Int64 = 0
    /// Of the dump itself, where an earlier version has taken it.
    private var plain: SealMaker?
    private var keyID: String?
    /// Read ahead: whether a chunk is the last one shows in that nothing follows.
    private var ahead: [UInt8]
    private var contents: Contents

    /// What the file holds.
    private enum Contents {
        /// Bytes as they are.
        case plain
        /// Chunks, and the number of the next one.
        case sealed(ChunkCipher, blockSize: Int, next: UInt32)
        /// The last chunk was opened.
        case last
        /// Nothing any more.
        case ended
    }

    private var decompressor: ZstdDecompressor
    /// A chunk that was opened, and how much of it was decompressed.
    private var (opened, position): ([UInt8], Int) = ([], 0)
    /// What of the first chunk that is opened belongs to what was before.
    private var passedOver = 0

    /// Disks are slow; waiting for them takes no thread from other tasks.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - subject: What it is of.
    ///   - key: What opens it.
    ///   - encoding: How it was written; nil when it was not encrypted.
    ///   - offset: Where in the dump the part begins that is to be read; it may begin to read before, and not at the beginning.
    /// - Throws: `not-found` when there is none, `conflict` when another key encrypted it, `backup-failed` when it is not encrypted and ought
    ///   to be.
    init(
        _ path: String,
        of subject: String,
        key: RecoveryKey,
        encoding: DumpEncoding?,
        from offset: Int64 = 0,
    ) throws(Failure) {
        self.path = path
        executor = QueueExecutor("backup.read", isBackground: BackgroundPriority.isUnderWay)
        plain = encoding?.plain.sha256.map { _ in SealMaker() }
        file = try Self.open(path)
        decompressor = try ZstdDecompressor()
        let head = try Self.block(file, path, DumpHeader.size)
        stored.add(head)
        if let header = try DumpHeader(head) {
            let size = header.chunkSize + ChunkCipher.overhead
            let frame =
                encoding?.frames?.last { $0.plain <= offset && $0.compressed >= 0 }
                ?? DumpFrame(plain: 0, compressed: 0)
            let chunk = frame.compressed / Int64(header.chunkSize)
            guard let number = UInt32(exactly: chunk) else {
                throw Failure(.backupFailed, "\(path) can't have a chunk \(chunk), as its manifest says")
            }
            self.size = frame.plain
            passedOver = Int(frame.compressed % Int64(header.chunkSize))
            contents = .sealed(try ChunkCipher(key, header, of: subject), blockSize: size, next: number)
            keyID = key.id
            if number > 0 { try Self.seek(file, path, Int64(DumpHeader.size) + chunk * Int64(size)) }
            ahead = try Self.block(file, path, size)
        } else if encoding != nil {
            throw Failure(.backupFailed, "\(path) is not encrypted, and its manifest says that it is")
        } else {
            contents = .plain
            ahead = head
        }
    }

    /// Opens a file to read its own bytes, whatever they mean.
    ///
    /// Throws `not-found` when there is none.
    init(raw path: String) throws(Failure) {
        self.path = path
        executor = QueueExecutor("backup.hash", isBackground: true)
        file = try Self.open(path)
        decompressor = try ZstdDecompressor()
        contents = .plain
        ahead = try Self.block(file, path, 256 << 10)
        stored.add(ahead)
    }

    deinit {
        // It was only read.
        try? file.close()
    }

    /// Hands the dump's bytes over, and says which they were.
    nonisolated func readAll(into sink: DumpSink) async throws -> StoredDump {
        while true {
            try Task.checkCancellation()
            let bytes = try await read()
            guard !bytes.isEmpty else { return await dump() }
            try await sink(bytes)
        }
    }

    /// Hands a part of the dump's bytes over.
    nonisolated func read(_ part: Range<Int64>, into sink: DumpSink) async throws {
        var window = DumpWindow(part, from: await size)
        while !window.isComplete {
            try Task.checkCancellation()
            let bytes = try await read()
            guard !bytes.isEmpty else { break }
            let wanted = window.take(bytes)
            if !wanted.isEmpty { try await sink(wanted) }
        }
        try window.requireAll()
    }

    /// The next bytes of the dump itself; empty at the end.
    func read() throws(Failure) -> [UInt8] {
        let bytes = try next()
        size += Int64(bytes.count)
        plain?.add(bytes)
        return bytes
    }

    private func next() throws(Failure) -> [UInt8] {
        while true {
            switch contents {
            case .ended: return []
            case .plain:
                let bytes = ahead
                ahead = try Self.block(file, path, 256 << 10)
                stored.add(ahead)
                if ahead.isEmpty { contents = .ended }
                return bytes
            case .sealed, .last:
                let output = try decompressor.decompress(opened, from: &position)
                if !output.isEmpty { return output }
                try openNext()
            }
        }
    }

    private func openNext() throws(Failure) {
        guard case .sealed(let cipher, let blockSize, let number) = contents else {
            guard decompressor.isComplete else {
                throw Failure(.backupFailed, "the dump's compressed stream has no end")
            }
            contents = .ended
            return
        }
        let bytes = ahead
        ahead = try Self.block(file, path, blockSize)
        stored.add(bytes)
        (opened, position) = (try cipher.open(bytes, number: number, isLast: ahead.isEmpty), passedOver)
        guard position <= opened.count else {
            throw Failure(.backupFailed, "\(path) can't begin anew where its manifest says")
        }
        passedOver = 0
        contents = ahead.isEmpty ? .last : .sealed(cipher, blockSize: blockSize, next: number + 1)
    }

    private func dump() -> StoredDump {
        let contents = PlainDump(size: ByteCount(size), sha256: plain?.seal.sha256)
        return StoredDump(seal: stored.seal, encoding: keyID.map { DumpEncoding(key: $0, plain: contents) })
    }

    private static func open(_ path: String) throws(Failure) -> FileDescriptor {
        do {
            return try FileDescriptor.open(FilePath(path), .readOnly, options: [.noFollow, .closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            throw Failure(.notFound, "there is no \(path)")
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
    }

    private static func seek(_ file: FileDescriptor, _ path: String, _ position: Int64) throws(Failure) {
        do {
            try file.seek(offset: position, from: .start)
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
    }

    /// So many bytes, or as many as there are.
    private static func block(_ file: FileDescriptor, _ path: String, _ size: Int) throws(Failure) -> [UInt8]
    {
        var (bytes, filled) = ([UInt8](repeating: 0, count: size), 0)
        do {
            while filled < size {
                let count = try unsafe bytes.withUnsafeMutableBytes {
                    try unsafe file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
                }
                if count == 0 { break }
                filled += count
            }
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
        bytes.removeSubrange(filled...)
        return bytes
    }
}
