// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import HostSystem
import Testing

@testable import Vault

/// Whatever happens to a file, it is told, and nothing wrong is ever handed over.
@Suite("A dump's file")
struct DumpFormatTests {
    private static let chunk = 256 << 10

    /// Bytes that can't be compressed, the same each time.
    private static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 88_172_645_463_325_252
        return (0..<count)
            .map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return UInt8(truncatingIfNeeded: state)
            }
    }

    private func withFile(_ body: (String, RecoveryKey) async throws -> Void) async throws {
        try await VaultBench.with { bench in try await body("\(bench.layout.root)/dump", bench.key) }
    }

    private func write(
        _ bytes: [UInt8],
        to path: String,
        _ key: RecoveryKey,
        pieces: Int = 65_536,
    ) async throws -> StoredDump {
        let writer = try DumpWriter(path, of: "b1 db", key: key, reserve: ByteCount(0))
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try await writer.write(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        return try await writer.finish()
    }

    private func read(_ path: String, _ key: RecoveryKey) async throws -> [UInt8] {
        let box = ByteCollector()
        _ = try await DumpReader(path, of: "b1 db", key: key, encoding: nil).readAll { box.add($0) }
        return box.bytes
    }

    @Test(
        "holds any number of bytes, also at the ends of its chunks",
        arguments: [0, 1, chunk - 20, chunk - 13, chunk, 2 * chunk, 3 * chunk + 7],
    )
    func sizes(count: Int) async throws {
        try await withFile { path, key in
            let bytes = Self.noise(count)
            let dump = try await write(bytes, to: path, key)
            #expect(dump.encoding?.plain.size.bytes == Int64(count))
            #expect(try await read(path, key) == bytes)
            let reread = try await DumpReader(path, of: "b1 db", key: key, encoding: nil)
                .readAll { _ in }
            #expect(reread == dump)
        }
    }

    @Test("is small where its bytes are alike, and says nothing of them")
    func compressed() async throws {
        try await withFile { path, key in
            let bytes = Array(String(repeating: "canary row\n", count: 200_000).utf8)
            let dump = try await write(bytes, to: path, key)
            #expect(dump.seal.size.bytes < 10_000)
            let stored = try #require(try FileContent.bytes(of: path))
            #expect(stored.firstRange(of: Array("canary".utf8)) == nil)
            let again = try await write(bytes, to: path, key)
            #expect(
                again.seal.sha256 != dump.seal.sha256,
                "two dumps of the same bytes have nothing in common",
            )
        }
    }

    /// What happens to files on disks and ways.
    enum Damage: CaseIterable {
        case bitInHeader, bitInFirstChunk, bitInLastChunk, bitInSalt, cutInLastChunk, cutBetweenChunks,
            cutInHeader, emptied
        case swappedChunks, repeatedChunk, grown

        func apply(to bytes: inout [UInt8]) {
            let (header, block) = (DumpHeader.size, chunk + ChunkCipher.overhead)
            switch self {
            case .bitInHeader: bytes[12] ^= 1
            case .bitInSalt: bytes[30] ^= 1
            case .bitInFirstChunk: bytes[header + 100] ^= 1
            case .bitInLastChunk: bytes[bytes.count - 1] ^= 1
            case .cutInLastChunk: bytes.removeLast(5)
            case .cutBetweenChunks: bytes.removeSubrange((header + 2 * block)...)
            case .cutInHeader: bytes.removeSubrange(20...)
            case .emptied: bytes = []
            case .swappedChunks:
                let first = Array(bytes[header..<header + block])
                bytes.replaceSubrange(
                    header..<header + block,
                    with: bytes[header + block..<header + 2 * block],
                )
                bytes.replaceSubrange(header + block..<header + 2 * block, with: first)
            case .repeatedChunk: bytes.insert(contentsOf: bytes[header..<header + block], at: header + block)
            case .grown: bytes += [0]
            }
        }
    }

    @Test(
        "that was changed is told, and nothing of what was changed is handed over",
        arguments: Damage.allCases,
    )
    func damaged(damage: Damage) async throws {
        try await withFile { path, key in
            let bytes = Self.noise(3 * Self.chunk)
            _ = try await write(bytes, to: path, key)
            var stored = try #require(try FileContent.bytes(of: path))
            damage.apply(to: &stored)
            try DurableFile.write(stored, to: path)
            let box = ByteCollector()
            do {
                let found = try await DumpReader(path, of: "b1 db", key: key, encoding: nil)
                    .readAll { box.add($0) }
                // Without a header it is what an earlier version wrote, and the hash of the file tells.
                #expect(damage == .emptied && found.encoding == nil)
            } catch let failure as Failure {
                // Another key's name is no verdict on the dump.
                #expect(failure.code == (damage == .bitInHeader ? .conflict : .backupFailed))
            }
            #expect(bytes.starts(with: box.bytes))
        }
    }

    @Test("is not opened by another key, which is named")
    func otherKey() async throws {
        try await withFile { path, key in
            _ = try await write([1, 2, 3], to: path, key)
            let other = RecoveryKey()
            let failure = await #expect(throws: Failure.self) { try await read(path, other) }
            #expect(
                failure?.message
                    == "the dump was encrypted with recovery key \(key.id), and this one is \(other.id)"
            )
        }
    }

    @Test(
        "that stands for much more than it is long is read in pieces, also where they end exactly with it",
        arguments: [262_144, 524_288, 50_000_000],
    )
    func zeros(count: Int) async throws {
        try await withFile { path, key in
            let dump = try await write([UInt8](repeating: 0, count: count), to: path, key)
            #expect(dump.seal.size.bytes < 20_000)
            let reader = try DumpReader(
                path,
                of: "b1 db",
                key: key,
                encoding: DumpEncoding(key: key.id, plain: PlainDump(size: ByteCount(1))),
            )
            let box = ByteCollector()
            let found = try await reader.readAll { piece in
                #expect(piece.count <= 262_144)
                box.add(piece)
            }
            #expect(found == dump && box.bytes.count == count)
        }
    }

    @Test("does not open as another backup's, and is not taken where it is not encrypted and ought to be")
    func substituted() async throws {
        try await withFile { path, key in
            _ = try await write([1, 2, 3], to: path, key)
            let box = ByteCollector()
            let other = await #expect(throws: Failure.self) {
                try await DumpReader(
                    path,
                    of: "b2 db",
                    key: key,
                    encoding: DumpEncoding(key: key.id, plain: PlainDump(size: ByteCount(1))),
                )
                .readAll { box.add($0) }
            }
            #expect(other?.code == .backupFailed && box.bytes.isEmpty)
            let text = "PGDMP and more than enough to be a header of its own, and then some"
            try DurableFile.write(text, to: path)
            let plain = #expect(throws: Failure.self) {
                try DumpReader(
                    path,
                    of: "b1 db",
                    key: key,
                    encoding: DumpEncoding(key: key.id, plain: PlainDump(size: ByteCount(1))),
                )
            }
            #expect(plain?.message.hasSuffix("is not encrypted, and its manifest says that it is") == true)
        }
    }

    @Test("of an earlier version is read as it is")
    func earlier() async throws {
        try await withFile { path, key in
            let bytes = Array("PGDMP".utf8) + Self.noise(700_000)
            try DurableFile.write(bytes, to: path)
            #expect(try await read(path, key) == bytes)
            let found = try await DumpReader(path, of: "b1 db", key: key, encoding: nil).readAll { _ in }
            #expect(found.encoding == nil && found.seal.size.bytes == Int64(bytes.count))
        }
    }

    @Test("of a later version is refused with what to do")
    func later() async throws {
        try await withFile { path, key in
            _ = try await write([1], to: path, key)
            var stored = try #require(try FileContent.bytes(of: path))
            stored[8] = 2
            try DurableFile.write(stored, to: path)
            let failure = await #expect(throws: Failure.self) { try await read(path, key) }
            #expect(failure?.message == "the dump has format 2, and this OpsHub reads format 1")
        }
    }
}

@Suite("A recovery key")
struct RecoveryKeyTests {
    @Test("is the same again from its text, however that was wrapped")
    func text() throws {
        let key = RecoveryKey()
        let again = try RecoveryKey(key.text)
        #expect(again.id == key.id && again.text.revealed() == key.text.revealed())
        let wrapped = Secret("\n  " + key.text.revealed().replacing(" ", with: " \n") + "\n")
        #expect(try RecoveryKey(wrapped).id == key.id)
        #expect(key.id.count == 16 && RecoveryKey().id != key.id)
    }

    @Test(
        "that is damaged is told from one that is none, and never shown",
        arguments: [
            ("", "it does not begin with"), ("opshub-key-1", "it does not begin with"),
            ("opshub-key-1 c2VjcmV0 00000000", "its second word is not 32 bytes"),
            (
                "opshub-key-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= 00000000",
                "its last word does not fit",
            ),
        ],
    )
    func damaged(text: String, words: String) {
        let failure = #expect(throws: Failure.self) { try RecoveryKey(Secret(text)) }
        #expect(failure?.message.contains(words) == true)
        #expect(failure.map { "\($0)" }?.contains("c2VjcmV0") == false)
    }
}
