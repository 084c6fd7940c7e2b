// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import FoundationEssentials
import Glibc
import HostSystem
import Testing

@testable import Vault

@Suite("Backups as files")
struct FileBackupVaultTests {
    @Test("A dump arrives in pieces, is hashed on the way, and is read back as it was")
    func roundTrip() async throws {
        try await VaultBench.with { bench in
            let pieces = ["one ", "", "two ", "three"].map { Array($0.utf8) }
            let (answer, dump) = try await bench.vault.receive(bench.backup()) { sink in
                for piece in pieces { try await sink(piece) }
                return 42
            }
            #expect(answer == 42)
            #expect(dump.encoding?.plain.size.bytes == 13)
            let hash = try await ProgramRunner().run(Program("sha256sum", [bench.place().dump]))
            #expect(hash.output.hasPrefix(dump.seal.sha256))
            let box = ByteCollector()
            #expect(try await bench.vault.read(bench.backup()) { box.add($0) } == dump)
            #expect(try await bench.vault.seal(of: bench.backup()) { _ in } == dump.seal)
            #expect(box.bytes == pieces.flatMap(\.self))
        }
    }

    @Test("Without a manifest it is no backup, with one it is")
    func publishing() async throws {
        try await VaultBench.with { bench in
            let written = try await bench.receive(Array("dump".utf8))
            #expect(try await bench.contents().backups.isEmpty)
            #expect(try await bench.contents().oddities.map(\.problem) == ["there is no manifest"])

            try await bench.vault.publish(written)

            #expect(try await bench.contents() == VaultContents(backups: [written]))
            #expect(mode(of: bench.place().folder) == 0o700)
            #expect(mode(of: bench.place().dump) == 0o600)
            #expect(mode(of: bench.place().manifest) == 0o600)
            #expect(!FileManager.default.fileExists(atPath: bench.place().unfinishedDump))
        }
    }

    @Test("A manifest is replaced by a later one in one piece")
    func republishing() async throws {
        try await VaultBench.with { bench in
            var backup = try await bench.receive(Array("dump".utf8))
            try await bench.vault.publish(backup)
            try backup.apply(.disproved(Failure(.backupFailed, "no good")), at: bench.date)
            try await bench.vault.publish(backup)
            #expect(try await bench.contents().backups == [backup])
            let names = try Folder.names(in: bench.place().folder)
            #expect(names == ["dump", "manifest.json"])
        }
    }

    @Test("Nothing is published without a dump")
    func noDump() async throws {
        try await VaultBench.with { bench in
            let failure = await #expect(throws: Failure.self) {
                try await bench.vault.publish(bench.backup())
            }
            #expect(failure?.code == .notFound)
            let reading = await #expect(throws: Failure.self) {
                try await bench.vault.read(bench.backup()) { _ in }
            }
            #expect(reading?.code == .notFound)
        }
    }

    @Test("Whoever writes the dump and fails leaves nothing behind")
    func failingWriter() async throws {
        struct Broken: Error {}
        try await VaultBench.with { bench in
            await #expect(throws: Broken.self) {
                try await bench.vault.receive(bench.backup()) { sink in
                    try await sink([1, 2, 3])
                    throw Broken()
                }
            }
            #expect(!Folder.exists(bench.place().folder))
            let contents = try await bench.contents()
            #expect(contents == VaultContents())
        }
    }

    @Test("A cancelled dump leaves nothing behind although its writer noticed nothing")
    func cancelledWriter() async throws {
        try await VaultBench.with { bench in
            let (started, signal) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await bench.vault.receive(bench.backup()) { sink in
                    try await sink([1, 2, 3])
                    signal.yield()
                    // Ended by the cancellation, which it passes over.
                    try? await ContinuousClock().sleep(for: .seconds(60))
                }
            }
            for await _ in started { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(!Folder.exists(bench.place().folder))
        }
    }

    @Test("What a killed process left of the same backup is written over")
    func leftover() async throws {
        try await VaultBench.with { bench in
            try Folder.make(bench.place().folder)
            try DurableFile.write(
                "a much longer half of a dump",
                to: bench.place().unfinishedDump,
                mode: 0o644,
            )
            try DurableFile.write("a dump that was never published", to: bench.place().dump)
            let written = try await bench.receive(Array("dump".utf8))
            try await bench.vault.publish(written)
            #expect(try await bench.text() == "dump")
            #expect(mode(of: bench.place().dump) == 0o600)
        }
    }

    @Test("A backup that is published is never written again")
    func conflict() async throws {
        try await VaultBench.with { bench in
            try await bench.vault.publish(try await bench.receive(Array("dump".utf8)))
            let failure = await #expect(throws: Failure.self) { try await bench.receive(Array("other".utf8)) }
            #expect(failure?.code == .conflict)
            #expect(try await bench.text() == "dump")
        }
    }

    @Test("A disk that is nearly full is left alone")
    func diskFull() async throws {
        try await VaultBench.with(reserve: ByteCount(1 << 60)) { bench in
            let failure = await #expect(throws: Failure.self) { try await bench.receive(Array("dump".utf8)) }
            #expect(failure?.code == .diskFull)
            #expect(!Folder.exists(bench.place().folder))
        }
    }

    @Test(
        "A disk that becomes full is told as that, and nothing is left",
        .enabled(if: SystemUser.current.isRoot),
    )
    func becomesFull() async throws {
        try await VaultBench.with(reserve: ByteCount(0)) { bench in
            let parent = bench.layout.backups(of: bench.environment)
            try Folder.make(parent)
            let mount = Program("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", parent])
            _ = try await ProgramRunner().run(mount).checked(doing: "mounting a small disk")
            let failure = await #expect(throws: Failure.self) {
                // What can't be compressed.
                try await bench.receive((0..<3 << 20).map { _ in UInt8.random(in: 0...255) })
            }
            #expect(failure?.code == .diskFull)
            #expect(try Folder.names(in: parent).isEmpty)
            // Whoever dumps hears of it while it does, not at its end.
            let taken = Noted<Int>()
            let meanwhile = await #expect(throws: Failure.self) {
                _ = try await bench.vault.receive(bench.backup()) { sink in
                    for number in 0..<200 {
                        try await sink((0..<256 << 10).map { _ in UInt8.random(in: 0...255) })
                        taken.add(number)
                    }
                }
            }
            #expect(meanwhile?.code == .diskFull && taken.all.count < 100)
            _ = try await ProgramRunner().run(Program("umount", [parent])).checked(doing: "unmounting")
        }
    }

    @Test("Many pieces come back as they came, whatever waits meanwhile")
    func pieces() async throws {
        try await VaultBench.with { bench in
            var noise = SeededGenerator(seed: 7)
            let pieces = (0..<24)
                .map { _ in (0..<512 << 10).map { _ in UInt8.random(in: 0...255, using: &noise) } }
            let backup = try await bench.receive(pieces)
            let box = ByteCollector()
            let read = try await bench.vault.read(backup) { box.add($0) }
            #expect(read.seal == backup.content?.seal && box.bytes == pieces.flatMap(\.self))
        }
    }

    @Test("A link in the place of the dump is not followed")
    func link() async throws {
        try await VaultBench.with { bench in
            try Folder.make(bench.place().folder)
            let target = "\(bench.layout.root)/precious"
            try DurableFile.write("precious", to: target)
            try FileManager.default.createSymbolicLink(
                atPath: bench.place().unfinishedDump,
                withDestinationPath: target,
            )
            await #expect(throws: Failure.self) { try await bench.receive(Array("dump".utf8)) }
            #expect(try FileContent.text(of: target) == "precious")
        }
    }

    /// What can be wrong with a folder, and how it is told.
    enum Oddity: String, CaseIterable, CustomTestStringConvertible {
        case noManifest, tornManifest, otherManifest, noDump, shortDump, nothing, file, neverWritten

        var testDescription: String { rawValue }

        var problem: String {
            switch self {
            case .noManifest, .nothing, .file: "there is no manifest"
            case .tornManifest: "the manifest can't be read: "
            case .otherManifest: "the manifest is that of b1"
            case .noDump: "there is no dump"
            case .shortDump: "the dump has 2 bytes instead of "
            case .neverWritten: "the manifest names no dump"
            }
        }

        func arrange(_ bench: VaultBench) async throws {
            let place = bench.place()
            try await bench.vault.publish(try await bench.receive(Array("dump".utf8)))
            switch self {
            case .noManifest: try Folder.remove(place.manifest)
            case .tornManifest: try DurableFile.write(#"{"format": 1, "back"#, to: place.manifest)
            case .otherManifest: try Folder.rename(place.folder, to: "\(place.parent)/b2")
            case .noDump: try Folder.remove(place.dump)
            case .shortDump: try DurableFile.write("du", to: place.dump)
            case .nothing:
                try Folder.remove(place.folder)
                try Folder.make(place.folder)
            case .file:
                try Folder.remove(place.folder)
                try DurableFile.write("x", to: place.folder)
            case .neverWritten:
                try DurableFile.write(try BackupPlace.json(bench.backup()), to: place.manifest)
            }
        }
    }

    @Test("Whatever is no complete backup is told and left alone", arguments: Oddity.allCases)
    func oddities(oddity: Oddity) async throws {
        try await VaultBench.with { bench in
            try await oddity.arrange(bench)
            let before = try Folder.names(in: bench.place().parent)

            let contents = try await bench.contents()

            #expect(contents.backups.isEmpty)
            #expect(contents.oddities.count == 1)
            #expect(contents.oddities.first?.problem.hasPrefix(oddity.problem) == true)
            #expect(try Folder.names(in: bench.place().parent) == before)
        }
    }

    @Test("Discarding removes everything, and again nothing")
    func discarding() async throws {
        try await VaultBench.with { bench in
            let written = try await bench.receive(Array("dump".utf8))
            try await bench.vault.publish(written)
            try await bench.vault.discard(written)
            try await bench.vault.discard(written)
            #expect(!Folder.exists(bench.place().folder))
        }
    }

    @Test("Several are listed from the newest to the oldest, also b10 after b9")
    func order() async throws {
        try await VaultBench.with { bench in
            for number in [9, 10, 2] {
                let date = bench.date.addingTimeInterval(Double(number))
                try await bench.vault.publish(try await bench.receive([1], number, at: date))
            }
            #expect(try await bench.contents().backups.map(\.id.rawValue) == ["b10", "b9", "b2"])
        }
    }

    @Test("An environment that never had a backup has none")
    func nothing() async throws {
        try await VaultBench.with { bench in
            let contents = try await bench.contents()
            #expect(contents == VaultContents())
        }
    }
}
