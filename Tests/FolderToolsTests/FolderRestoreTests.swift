// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Testing

@testable import FolderTools

@Suite("Restoring a folder", .serialized, .timeLimit(.minutes(10)))
struct FolderRestoreTests {
    private static let copy = Restores.copyName(for: "d7_x")
    private static let kept = Restores.keptName(by: "d7_x")

    private func files(_ bench: FolderBench) throws -> String? {
        try FileContent.text(of: "\(bench.place().files)/file")
    }

    private func prepared(_ bench: FolderBench) async throws -> Backup {
        try await bench.make("echo then >file; mkdir locked; echo x >locked/x; chmod 0555 locked")
        let backup = try await bench.create()
        try await bench.run("echo now >file; echo more >more", in: bench.place().files)
        let found = try await bench.restores.prepare(backup.id, for: bench.target(), order: "d7_x").found
        #expect(found.rows == 2)
        return backup
    }

    @Test("puts the files in their place, keeps those that were there, and can be taken back")
    func wholeWay() async throws {
        try await FolderBench.with { bench in
            let backup = try await prepared(bench)
            #expect(try files(bench) == "now\n")
            let target = bench.target()
            try await bench.restores.shut(target)
            #expect(!Folder.exists(bench.place().files))
            // The last backup is taken while it is shut.
            let last = try await bench.create()
            #expect(last.content?.fingerprint.rows == 3)
            try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
            #expect(try files(bench) == "then\n")
            #expect(try await bench.restores.kept(beside: target) == ["d7_x"])
            let again = try await bench.create()
            #expect(
                backup.content?.fingerprint.differences(in: try #require(again.content?.fingerprint)) == []
            )
            try await bench.run("test -O file; echo written >>file", in: bench.place().files)
            if SystemUser.current.isRoot {
                await #expect(throws: Failure.self, "what is kept is nobody's") {
                    try await bench.run("ls \(bench.place().copy(Self.kept))", in: "/")
                }
            }
            try await bench.restores.takeBack(target, copy: Self.copy, kept: Self.kept)
            #expect(try files(bench) == "now\n")
            #expect(try await bench.exchange.names(beside: target) == [])
        }
    }

    /// How far an exchange had come when the control plane ended.
    enum Moment: String, CaseIterable, Sendable {
        case prepared, shut, halfExchanged, exchanged, halfTakenBack
    }

    @Test(
        "goes on or is taken back from wherever it was interrupted",
        arguments: Moment.allCases,
        [true, false],
    )
    func interrupted(at moment: Moment, goesOn: Bool) async throws {
        try await FolderBench.with { bench in
            _ = try await prepared(bench)
            let (target, place) = (bench.target(), bench.place())
            if moment != .prepared { try await bench.restores.shut(target) }
            switch moment {
            case .prepared, .shut: break
            case .halfExchanged:
                try DurableFile.write("", to: place.exchanging)
                try Folder.rename(place.shut, to: place.copy(Self.kept))
            case .exchanged:
                try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
            case .halfTakenBack:
                try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
                try DurableFile.write("", to: place.exchanging)
                try Folder.rename(place.files, to: place.copy(Self.copy))
            }
            // A control plane that starts meanwhile makes sure that the accessories are there.
            _ = try await bench.accessories.ensure(bench.specification())
            for _ in 1...2 {
                if goesOn {
                    try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
                } else {
                    try await bench.restores.takeBack(target, copy: Self.copy, kept: Self.kept)
                }
                #expect(try files(bench) == (goesOn ? "then\n" : "now\n"))
            }
            #expect(try await bench.exchange.names(beside: target) == (goesOn ? [Self.kept] : []))
        }
    }

    @Test("into another environment makes everything that one's own")
    func elsewhere() async throws {
        try await FolderBench.with { bench in
            try await bench.make(FolderBackupTests.everything)
            let backup = try await bench.create()
            try await bench.make("echo staging >file", in: bench.other)
            let target = bench.target(in: bench.other)
            _ = try await bench.restores.prepare(backup.id, for: target, order: "d7_x")
            try await bench.restores.shut(target)
            try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
            let place = bench.place(in: bench.other)
            let foreign = try await bench.run(
                "find . ! -user $(id -un) | wc -l",
                in: place.files,
                of: bench.other,
            )
            #expect(foreign == "0\n")
            #expect(try bench.names(place.files).contains("avatars"))
            let masked = await #expect(throws: Failure.self) {
                _ = try await bench.restores.prepare(
                    backup.id,
                    for: target,
                    order: "d8_x",
                    masking: "DELETE FROM t",
                )
            }
            #expect(masked?.code == .invalid)
            #expect(try await bench.exchange.names(beside: target) == [Self.kept])
        }
    }

    @Test("of a folder that is gone puts the backup there")
    func gone() async throws {
        try await FolderBench.with { bench in
            _ = try await prepared(bench)
            try Folder.remove(bench.place().files)
            try await bench.restores.exchange(bench.target(), with: Self.copy, keeping: Self.kept)
            #expect(try files(bench) == "then\n")
        }
    }

    @Test("waits for a backup of the same folder, and refuses tables and what is none of OpsHub's")
    func refusals() async throws {
        try await FolderBench.with { bench in
            let backup = try await prepared(bench)
            let lock = FolderLock(layout: bench.layout)
            let held = await #expect(throws: Failure.self) {
                try await lock.hold(bench.target(), for: "a test", waiting: .seconds(1)) {
                    try await lock.hold(bench.target(), for: "another", waiting: .milliseconds(50)) {}
                }
            }
            #expect(held?.code == .conflict)
            #expect(held?.isRetryable == true)
            let table = await #expect(throws: Failure.self) {
                _ = try await bench.restores.restore(table: "t", of: backup.id, into: bench.target())
            }
            #expect(table?.code == .invalid)
            let wrong = ScratchDatabase("files", beside: bench.target())
            let dropped = await #expect(throws: Failure.self) { try await bench.server.drop(wrong) }
            #expect(dropped?.code == .conflict)
            #expect(try files(bench) == "now\n")
        }
    }

    @Test(
        "does not take for it what a program puts in its place meanwhile, where that can",
        arguments: [true, false],
    )
    func stray(goesOn: Bool) async throws {
        try await FolderBench.with { bench in
            _ = try await prepared(bench)
            let (target, place) = (bench.target(), bench.place())
            try await bench.restores.shut(target)
            // As an application does that may write beside its folder, or a person.
            try Folder.make(place.files)
            try DurableFile.write("stray", to: "\(place.files)/file")
            #expect(
                try await bench.create().content?.fingerprint.rows == 3,
                "the last backup is of the real one",
            )
            try await bench.restores.shut(target)
            if goesOn {
                try Folder.make(place.files)
                try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
                #expect(try files(bench) == "then\n")
                try await bench.restores.takeBack(target, copy: Self.copy, kept: Self.kept)
            } else {
                try Folder.make(place.files)
                try await bench.restores.takeBack(target, copy: Self.copy, kept: Self.kept)
            }
            #expect(try files(bench) == "now\n")
            let strays = try #require(try await bench.exchange.names(beside: target))
            #expect(strays.count == 2 && strays.allSatisfy { $0.contains("_stray_") }, "\(strays)")
        }
    }

    @Test("leaves nothing that runs as its owner, and a folder that is its owner's alone")
    func modes() async throws {
        try await FolderBench.with { bench in
            try await bench.make("echo 1 >tool; chmod 6755 tool; mkdir d; chmod 2775 d; chmod 0777 .")
            let backup = try await bench.create()
            #expect(try await bench.backups.drill(backup.id).isVerified)
            _ = try await bench.restores.prepare(backup.id, for: bench.target(), order: "d7_x")
            try await bench.restores.exchange(bench.target(), with: Self.copy, keeping: Self.kept)
            let modes = try await bench.run("stat -c %a . tool d", in: bench.place().files)
            #expect(modes == "700\n755\n775\n")
        }
    }

    @Test("of which copies go whatever their owner has done to them")
    func stubborn() async throws {
        try await FolderBench.with { bench in
            _ = try await prepared(bench)
            let copy = bench.place().copy(Self.copy)
            try await bench.run("mkdir -p a/b; echo x >a/b/c; chmod 0000 a/b; chmod 0000 .", in: copy)
            if SystemUser.current.isRoot {
                try DurableFile.write("root's own", to: "\(copy)/note", mode: 0o600)
            }
            try await bench.server.drop(ScratchDatabase(Self.copy, beside: bench.target()))
            #expect(!Folder.exists(copy))
        }
    }
}
