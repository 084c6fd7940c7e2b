// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import HostSystem
import Synchronization
import Testing

@testable import FolderTools

@Suite("A backup of a folder", .serialized, .timeLimit(.minutes(10)))
struct FolderBackupTests {
    /// Everything that may lie in a folder.
    static let everything = """
        umask 022
        mkdir -p avatars/ada 'with space' empty deep; mkfifo pipe
        echo ada >avatars/ada/face.png; : >avatars/none; head -c 3000000 /dev/urandom >avatars/large
        echo x >'with space/-rf'; echo x >$'with space/new\\nline'; echo x >$'with space/\\xff\\xfe'; echo x >'with space/größe'
        long=$(printf 'n%.0s' {1..200}); mkdir -p deep/$long/$long; echo x >deep/$long/$long/$long
        ln -s avatars/large link; ln -s /nowhere dangling; ln avatars/none second; ln -s $long$long deep/far
        mkdir locked; echo x >locked/file; chmod 0555 locked; chmod 4750 avatars/none; chmod 0400 avatars/ada/face.png
        touch -d '2001-02-03 04:05:06.789' avatars/large; chmod 0711 .
        """

    @Test("holds every kind of file, by name, permissions, time and content, and its drill proves it")
    func everything() async throws {
        try await FolderBench.with { bench in
            try await bench.make(Self.everything)
            let written = try await bench.create()
            let content = try #require(written.content)
            #expect(content.remarks == nil)
            #expect(content.tool.hasPrefix("tar "))
            #expect(
                content.fingerprint.tables.mapValues(\.rows) == [
                    ".": 4, "avatars": 3, "with space": 4, "empty": 0, "deep": 2, "locked": 1,
                ]
            )
            #expect(content.databaseSize.bytes > 3_000_000)
            let proven = try await bench.backups.drill(written.id)
            #expect(proven.failure == nil)
            #expect(proven.drill?.rows == 14)
            #expect(try bench.names(bench.place().drills).isEmpty)
            // The same again: nothing that lies there comes from the moment of reading it.
            let second = try await bench.create()
            #expect(second.content?.fingerprint == content.fingerprint)
        }
    }

    @Test(
        "is not what anything less or else unpacks to",
        arguments: [
            ("rm avatars/ada/face.png", "folder avatars: 2 files instead of 3"),
            (
                "chmod u+w avatars/ada/face.png; echo eva >avatars/ada/face.png",
                "folder avatars: the same number of files (3), but other content",
            ),
            ("chmod 0640 second", "folder avatars: the same number of files (3), but other content"),
            ("rmdir empty", "folder empty: missing"),
            ("mkdir more", "folder more: was not in the database"),
            ("ln -sfn /elsewhere dangling", "folder .: the same number of files (4), but other content"),
            ("touch pipe", "folder .: the same number of files (4), but other content"),
        ],
    )
    func differences(change: String, told: String) async throws {
        try await FolderBench.with { bench in
            try await bench.make(Self.everything)
            let before = try #require(try await bench.create().content?.fingerprint)
            try await bench.run(change, in: bench.place().files)
            let after = try #require(try await bench.create().content?.fingerprint)
            #expect(before.differences(in: after).contains(told), "\(before.differences(in: after))")
            #expect(before.differences(in: before).isEmpty)
        }
    }

    @Test("may be of an empty folder")
    func empty() async throws {
        try await FolderBench.with { bench in
            try await bench.make()
            let proven = try await bench.backups.drill(try await bench.create().id)
            #expect(proven.isVerified)
            #expect(proven.drill?.rows == 0)
        }
    }

    @Test("says which files were written to while they were read, and holds the others")
    func changing() async throws {
        try await FolderBench.with { bench in
            try await bench.make("mkdir a; head -c 40000000 /dev/zero >a/large; echo 1 >b; touch c")
            let large = "\(bench.place().files)/a/large"
            let hasBegun = Mutex(false)
            let dumped = try await bench.server.dump(bench.target()) { _ in
                let isFirst = hasBegun.withLock { begun in
                    defer { begun = true }
                    return !begun
                }
                guard isFirst else { return }
                try await bench.run("echo more >>\(large); rm c; echo new >a/new", in: bench.place().files)
            }
            #expect(
                dumped.remarks == [
                    "a/large was written to while it was read: it may be half old, half new"
                ]
            )
            #expect(dumped.fingerprint.tables["."]?.rows == 1)
        }
    }

    @Test("tells of sockets, which are nothing without their program")
    func socket() async throws {
        try await FolderBench.with { bench in
            try await bench.make(
                "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'; echo 1 >file"
            )
            let written = try await bench.create()
            #expect(written.content?.remarks == ["s is a socket, which is not kept"])
            #expect(try await bench.backups.drill(written.id).isVerified)
        }
    }

    @Test("is none when a file can't be read, which is named", .enabled(if: SystemUser.current.isRoot))
    func unreadable() async throws {
        try await FolderBench.with { bench in
            try await bench.make("echo 1 >secret; chmod 0000 secret")
            let failure = await #expect(throws: Failure.self) { try await bench.create() }
            #expect(failure?.code == .backupFailed)
            #expect(
                failure?.evidence.contains { $0.contains("secret: Cannot open: Permission denied") } == true
            )
            #expect(try await bench.backups.list(bench.environment).first?.failure != nil)
        }
    }

    @Test("that was cut or changed does not unpack, and is failed")
    func damaged() async throws {
        try await FolderBench.with { bench in
            try await bench.make(Self.everything)
            let written = try await bench.create()
            let box = ByteCollector()
            _ = try await bench.server.dump(bench.target()) { box.add($0) }
            let bytes = box.bytes
            let cut = await #expect(throws: Failure.self) {
                _ = try await bench.server.drill(
                    written,
                    from: DumpFeed { try await $0(Array(bytes.prefix(100_000))) },
                )
            }
            #expect(cut?.code == .backupFailed)
            #expect(try bench.names(bench.place().drills).isEmpty)
            var flipped = bytes
            flipped[bytes.count / 2] ^= 1
            let other = flipped
            let found = try await bench.server.drill(written, from: DumpFeed { try await $0(other) })
            let content = try #require(written.content)
            #expect(!content.fingerprint.differences(in: found.0).isEmpty)
        }
    }

    @Test("needs its room before a drill begins, and what a drill has left goes with the next start")
    func room() async throws {
        try await FolderBench.with { bench in
            try await bench.make("echo 1 >file")
            let written = try await bench.create()
            var huge = Backup(
                id: written.id,
                of: written.database,
                because: written.reason,
                at: written.startedAt,
            )
            var content = try #require(written.content)
            content.databaseSize = ByteCount(1 << 60)
            try huge.apply(.dumped(content), at: written.startedAt)
            let tooLarge = huge
            let failure = await #expect(throws: Failure.self) {
                _ = try await bench.server.drill(tooLarge, from: DumpFeed { _ in })
            }
            #expect(failure?.code == .diskFull)
            try Folder.make("\(bench.place().drills)/b9", mode: 0o755)
            let cleared = try await bench.server.clearDrills(beside: bench.target(), but: [BackupID("b8")])
            #expect(cleared == [BackupID("b9")])
            #expect(try bench.names(bench.place().drills).isEmpty)
        }
    }

    @Test("that was fetched may be proven before the first deployment, which then finds its way")
    func beforeTheFirst() async throws {
        try await FolderBench.with { bench in
            try await bench.make("echo 1 >file")
            let written = try await bench.create()
            let box = ByteCollector()
            _ = try await bench.server.dump(bench.target()) { box.add($0) }
            let bytes = box.bytes
            var other = Backup(
                id: BackupID("b9"),
                of: bench.target(in: bench.other),
                because: written.reason,
                at: written.startedAt,
            )
            try other.apply(.dumped(try #require(written.content)), at: written.startedAt)
            let fetched = other
            let found = try await bench.server.drill(fetched, from: DumpFeed { try await $0(bytes) })
            #expect(written.content?.fingerprint.differences(in: found.0) == [])
            try await bench.make("echo 2 >file", in: bench.other)
        }
    }
}
