// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@testable import FolderTools

@Suite("An archive as it goes by", .serialized, .timeLimit(.minutes(10)))
struct TarReaderTests {
    @Test("is read the same in pieces of any size, and refused when it ends early or is something else")
    func pieces() async throws {
        try await FolderBench.with { bench in
            try await bench.make(FolderBackupTests.everything)
            let box = ByteBox()
            let dumped = try await bench.server.dump(bench.target()) { box.add($0) }
            let bytes = box.bytes
            for size in [1009, 512, 65536] {
                var reader = TarReader()
                for start in stride(from: 0, to: bytes.count, by: size) {
                    try reader.read(Array(bytes[start..<min(start + size, bytes.count)]))
                }
                #expect(DatabaseFingerprint(try reader.finish()) == dumped.fingerprint, "\(size)")
            }
            for end in [0, 1, 512, 5000, bytes.count / 2] {
                var reader = TarReader()
                try reader.read(Array(bytes.prefix(end)))
                let failure = #expect(throws: Failure.self) { try reader.finish() }
                #expect(failure?.code == .backupFailed)
            }
        }
    }

    @Test("that is none is refused at its first header")
    func foreign() {
        var reader = TarReader()
        let failure = #expect(throws: Failure.self) {
            try reader.read(Array(repeating: UInt8(ascii: "P"), count: 2048))
        }
        #expect(failure?.code == .backupFailed)
        #expect(failure?.message.contains("sum is wrong") == true)
    }
}
