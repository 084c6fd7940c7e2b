// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import HostSystem
import Testing

@testable import Vault

@Suite("A part of a dump")
struct DumpPartTests {
    /// Half of it is noise, so that compressed bytes fill several chunks.
    private static let bytes: [UInt8] = {
        var generator = SeededGenerator(seed: 7)
        return (0..<40)
            .flatMap { block in
                block.isMultiple(of: 2)
                    ? (0..<50_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
                    : [UInt8](repeating: UInt8(block), count: 50_000)
            }
    }()

    private struct File {
        let path: String
        let key: RecoveryKey
        var dump: StoredDump

        func read(_ part: Range<Int64>) async throws -> [UInt8] {
            let box = ByteCollector()
            let reader = try DumpReader(
                path,
                of: "b1 db",
                key: key,
                encoding: dump.encoding,
                from: part.lowerBound,
            )
            try await reader.read(part) { box.add($0) }
            return box.bytes
        }
    }

    private func withFile(frames size: Int64, _ body: (File) async throws -> Void) async throws {
        try await VaultBench.with { bench in
            let path = "\(bench.layout.root)/dump"
            let writer = try DumpWriter(
                path,
                of: "b1 db",
                key: bench.key,
                reserve: ByteCount(0),
                frameSize: size,
            )
            for start in stride(from: 0, to: Self.bytes.count, by: 30_000) {
                try await writer.write(Array(Self.bytes[start..<min(start + 30_000, Self.bytes.count)]))
            }
            try await body(File(path: path, key: bench.key, dump: try await writer.finish()))
        }
    }

    @Test(
        "is what the whole has there, wherever it begins and ends",
        arguments: [100_000, 700_000, 1 << 40],
    )
    func parts(frameSize: Int64) async throws {
        try await withFile(frames: frameSize) { file in
            let count = Int64(Self.bytes.count)
            let frames = file.dump.encoding?.frames ?? []
            #expect(frames.isEmpty == (frameSize > count))
            var parts = [0..<count, 0..<1, count - 1..<count, count..<count, 5..<5, 333_333..<1_777_777]
            for frame in frames {
                parts += [
                    frame.plain..<frame.plain + 10, frame.plain - 1..<frame.plain + 1,
                    frame.plain - 1..<count,
                ]
            }
            for part in parts {
                let wanted = Self.bytes[Int(part.lowerBound)..<Int(part.upperBound)]
                #expect(try await file.read(part) == Array(wanted), "\(part)")
            }
            let whole = ByteCollector()
            let read = try await DumpReader(
                file.path,
                of: "b1 db",
                key: file.key,
                encoding: file.dump.encoding,
            )
            .readAll { whole.add($0) }
            #expect(whole.bytes == Self.bytes)
            #expect(try #require(file.dump.encoding).isRead(as: read.encoding) && read.seal == file.dump.seal)
        }
    }

    @Test("is refused where the dump ends before it, and where it was damaged, and not for what lies before")
    func damage() async throws {
        try await withFile(frames: 300_000) { file in
            let count = Int64(Self.bytes.count)
            for part in [count - 5..<count + 1, count + 1..<count + 2] {
                let failure = await #expect(throws: Failure.self) { try await file.read(part) }
                #expect(failure?.code == .backupFailed && failure?.message.contains("ends after") == true)
            }
            var bytes = try #require(try FileContent.bytes(of: file.path))
            bytes[DumpHeader.size + 1000] ^= 1
            try FileContent.write(bytes, to: file.path, mode: 0o600)
            #expect(try await file.read(count - 9..<count) == Array(Self.bytes.suffix(9)))
            let failure = await #expect(throws: Failure.self) { try await file.read(0..<9) }
            #expect(failure?.message.contains("damaged in its chunk 0") == true)
        }
    }

    @Test(
        "is refused where a manifest says that it begins somewhere else",
        arguments: [
            DumpFrame(plain: 0, compressed: 7), DumpFrame(plain: 0, compressed: 300_000),
            DumpFrame(plain: 0, compressed: 1 << 30), DumpFrame(plain: 0, compressed: .max),
            DumpFrame(plain: .min, compressed: 0),
        ],
    )
    func wrongFrames(frame: DumpFrame) async throws {
        try await withFile(frames: 300_000) { file in
            var file = file
            file.dump.encoding?.frames = [frame]
            let failure = await #expect(throws: Failure.self) { try await file.read(10..<20) }
            #expect(failure?.code == .backupFailed, "\(failure.map(String.init(describing:)) ?? "")")
        }
    }
}
