// SPDX-License-Identifier: Apache-2.0
import TestSupport
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
            let box = ByteCollector()
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

    @Test("does not believe a length that no file has")
    func lengths() throws {
        for size in ["9223372036854775807", "-1", "many", "\(Int64(1) << 51)"] {
            var reader = TarReader()
            let record = " size=\(size)\n"
            let text = "\(record.utf8.count + 2)\(record)"
            try reader.read(Self.header(type: "x", length: text.utf8.count))
            try reader.read(Array(text.utf8) + Array(repeating: 0, count: 512 - text.utf8.count))
            let failure = #expect(throws: Failure.self, "\(size)") {
                try reader.read(Self.header(type: "0", length: 0))
            }
            #expect(failure?.code == .backupFailed)
        }
    }

    /// The header of an entry as pax(1) says.
    private static func header(type: Character, length: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            for (i, byte) in text.utf8.enumerated() { bytes[place + i] = byte }
        }
        let octal = String(length, radix: 8)
        put("./x", at: 0)
        put("0000644", at: 100)
        put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
        put("        ", at: 148)
        put(String(type), at: 156)
        put("ustar", at: 257)
        let sum = String(bytes.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
        return bytes
    }
}
