// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import SystemPackage
import Testing

@Suite("A log drain", .timeLimit(.minutes(10)))
struct LogDrainTests {
    @Test("writes every byte that comes, and ends with its input")
    func everything() async throws {
        try await Scratch.use { scratch in
            let folder = "\(scratch.path)/log"
            let text = (1...5000).map { "line \($0)\n" }.joined()
            try await drain(
                LogDrain(folder: folder, fileSize: .mebibytes(1), keptFiles: 2),
                [text, "the rest"],
            )
            #expect(try FileContent.text(of: "\(folder)/current") == text + "the rest")
        }
    }

    @Test("goes on where the one before it ended")
    func appends() async throws {
        try await Scratch.use { scratch in
            let drain = LogDrain(folder: scratch.path, fileSize: .mebibytes(1), keptFiles: 2)
            try await self.drain(drain, ["one\n"])
            try await self.drain(drain, ["two\n"])
            #expect(try FileContent.text(of: "\(scratch.path)/current") == "one\ntwo\n")
        }
    }

    @Test("puts files aside between two lines, and keeps the newest of them in order")
    func putsAside() async throws {
        try await Scratch.use { scratch in
            let folder = "\(scratch.path)/log"
            let pieces = (1...6)
                .map { "piece \($0) " + String(repeating: "x", count: 2000) + "\nbegin \($0 + 1): " }
            try await drain(LogDrain(folder: folder, fileSize: ByteCount(2000), keptFiles: 3), pieces) {
                number in
                // None yet, or another one for a moment: asked again.
                (try? FileContent.text(of: "\(folder)/current")) == "begin \(number + 2): "
            }
            let aside = try Folder.names(in: folder).filter { $0 != "current" }
            #expect(aside.count == 3)
            #expect(
                aside.allSatisfy { $0.hasPrefix("@4000000") && $0.utf8.count == 27 && $0.hasSuffix(".s") }
            )
            let texts = try aside.map { try FileContent.text(of: "\(folder)/\($0)") ?? "" }
            #expect(texts.map { $0.prefix(8) } == ["begin 4:", "begin 5:", "begin 6:"])
            #expect(texts.allSatisfy { $0.hasSuffix("x\n") })
            #expect(try FileContent.text(of: "\(folder)/current") == "begin 7: ")
        }
    }

    @Test("makes no file in a folder that can't be written")
    func refused() async throws {
        try await Scratch.use { scratch in
            try FileContent.write([], to: "\(scratch.path)/file")
            let drain = LogDrain(folder: "\(scratch.path)/file/log", fileSize: .mebibytes(1), keptFiles: 1)
            await #expect(throws: Failure.self) { try await self.drain(drain, ["lost\n"]) }
        }
    }

    /// Feeds the pieces one by one, each after the one before was taken, as `isTaken` says of its index.
    private func drain(
        _ drain: LogDrain,
        _ pieces: [String],
        isTaken: @Sendable @escaping (Int) -> Bool = { _ in true },
    ) async throws {
        let pipe = try FileDescriptor.pipe()
        let writing = Task.detached {
            try pipe.writeEnd.closeAfter {
                for (index, piece) in pieces.enumerated() {
                    try pipe.writeEnd.writeAll(piece.utf8)
                    while !isTaken(index) { usleep(2000) }
                }
            }
        }
        let draining = Task.detached { try pipe.readEnd.closeAfter { try drain.run(input: pipe.readEnd) } }
        try await draining.value
        try await writing.value
    }
}
