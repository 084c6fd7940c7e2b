// SPDX-License-Identifier: Apache-2.0
import Manifest
import Delivery
import Core
import DataSafety
import FoundationEssentials
import Glibc
import HostSystem
import Testing

@testable import PostgresTools
@testable import Vault

@Suite("Going back to a moment of a real server", .timeLimit(.minutes(10)))
struct PointInTimeTests {
    @Test(
        "is possible for any moment since the first base backup, also of one in which nothing happened, and for no other"
    )
    func anyMoment() async throws {
        try await ArchiveBench.with { bench in
            try await bench.tend()
            #expect(try await bench.needsBase())
            let early = try await bench.moment()
            let nothing = await #expect(throws: Failure.self) {
                try await bench.pointInTime.backup(bench.database.target, asOf: early, by: "a test")
            }
            #expect(nothing?.hint?.contains("wait for the first base backup") == true)
            let base = try await bench.base()
            #expect(base.isVerified, "\(base.failure.map(String.init(describing:)) ?? "")")
            #expect(base.drill.map { $0.rows > 500 } == true)
            try await bench.tend()
            let stillNeeds = try await bench.needsBase()
            #expect(!stillNeeds)

            try await bench.database.run("INSERT INTO t SELECT generate_series(1, 41)")
            let before = try await bench.moment()
            try await bench.database.run("DROP TABLE t", "CREATE TABLE other (id int)")
            let after = try await bench.moment()
            try await bench.tend()
            #expect(try await bench.rows(asOf: before) == 41)
            #expect(try await bench.rows("public.other", asOf: before) == nil)
            // Nobody has written since, but for OpsHub's own mark.
            #expect(try await bench.rows("public.other", asOf: after) == 0)
            #expect(try await bench.rows(asOf: after) == nil)
            // The server that serves was not touched, and nothing is left of those that went back.
            #expect(try await bench.database.value("SELECT count(*) FROM other") == "0")
            #expect(try Folder.names(in: "\(bench.folder.path)/drills") == [])

            for moment in [early, after.addingTimeInterval(3600)] {
                let refused = await #expect(throws: Failure.self) {
                    try await bench.pointInTime.backup(bench.database.target, asOf: moment, by: "a test")
                }
                #expect(refused?.code == .conflict)
                #expect(refused?.hint?.hasPrefix("any moment of these can be gone back to: ") == true)
            }
            // A second wish for the same moment takes what was made for the first.
            let count = try await bench.backups.list(bench.target.environment).count
            #expect(try await bench.rows(asOf: before) == 41)
            #expect(try await bench.backups.list(bench.target.environment).count == count)
        }
    }

    @Test(
        "goes through archived segments, which are encrypted; one that was changed is named, and one that is missing ends the window"
    )
    func segments() async throws {
        try await ArchiveBench.with { bench in
            try await bench.tend()
            try await bench.base()
            try await bench.database.run("INSERT INTO t SELECT generate_series(1, 7)")
            let first = try await bench.moment()
            try await bench.fill()
            try await bench.database.run("INSERT INTO t SELECT generate_series(8, 9)")
            try await bench.fill()
            try await bench.fill()
            let second = try await bench.moment()
            try await bench.tend()
            #expect(try await bench.rows(asOf: first) == 7)
            #expect(try await bench.rows(asOf: second) == 9)

            let archived = try await bench.vault.segments(of: bench.target)
            // Complete ones are moved, and one may stay for the receiver.
            let stream = try #require(try LogReceiver.stream(bench.folder))
            #expect(try Folder.names(in: "\(LogReceiver.streams(bench.folder))/\(stream)").count <= 2)
            let last = try #require(archived.last)
            let whole = try #require(try FileContent.bytes(of: bench.path(last)))
            #expect(whole.starts(with: Array("OPSHUBBK".utf8)) && whole.count < 4 << 20)
            var damaged = whole
            damaged[whole.count / 2] ^= 1
            try DurableFile.write(damaged, to: bench.path(last), mode: 0o600)
            let third = second.addingTimeInterval(0.000_001)
            let failure = await #expect(throws: Failure.self) {
                try await bench.pointInTime.backup(bench.database.target, asOf: third, by: "a test")
            }
            #expect(failure?.code == .backupFailed && failure?.message.contains(last.name) == true)
            #expect(try Folder.names(in: "\(bench.folder.path)/drills") == [])

            try Folder.removeFile(bench.path(last))
            let windows = try await bench.pointInTime.windows(of: bench.database.target)
            #expect(windows.isEmpty)
            #expect(try await bench.needsBase())
            try await bench.base()
            try await bench.tend()
            let now = try await bench.moment()
            try await bench.tend()
            #expect(try await bench.rows(asOf: now) == 9)
            // What came before the gap leads nowhere, but is kept as long as its base backup is.
            #expect(try await bench.vault.segments(of: bench.target).contains(try #require(archived.first)))
        }
    }

    @Test("is no success where the server's log ends before the moment, although the server would start")
    func tooShort() async throws {
        try await ArchiveBench.with { bench in
            try await bench.tend()
            let base = try await bench.base()
            try await bench.database.run("INSERT INTO t SELECT generate_series(1, 7)")
            try await bench.fill()
            let shelf = LogShelf(
                source: bench.server,
                vault: bench.vault,
                cluster: bench.target,
                stream: try #require(try LogReceiver.stream(bench.folder)),
            )
            let files = bench.files
            let later = try await bench.moment().addingTimeInterval(3600)
            let content = try #require(base.content)
            // Past every look at windows, as if the archive had been thought to reach further than it does.
            let failure = await #expect(throws: Failure.self) {
                try await bench.server.dump(
                    bench.database.target,
                    asOf: later,
                    for: BackupID("b77"),
                    from: content,
                    DumpFeed { sink in _ = try await files.read(base, into: sink) },
                    { name, sink in try await shelf.read(name, into: sink) },
                    into: { _ in },
                )
            }
            #expect(failure?.code == .backupFailed, "\(String(describing: failure))")
            #expect(
                failure?.message.hasPrefix("the server did not get to ") == true,
                "\(String(describing: failure))",
            )
            #expect(
                failure?.message.contains("recovery ended before configured recovery target was reached")
                    == true
            )
            #expect(try Folder.names(in: "\(bench.folder.path)/drills") == [])
        }
    }

    @Test(
        "goes on after its receiver was killed, and says what is lost when the server could not wait for it"
    )
    func torn() async throws {
        try await ArchiveBench.with { bench in
            try await bench.tend()
            try await bench.base()
            try await bench.database.run("INSERT INTO t VALUES (1)")
            let supervisor = Supervisor()
            let service = LogReceiver.service(bench.folder)
            let receiver = try #require(try supervisor.status(of: service)?.process)
            #expect(kill(receiver, SIGKILL) == 0)
            try await bench.fill()
            let before = try await bench.moment()
            try await bench.tend()

            try await supervisor.stop(service)
            let problem = await #expect(throws: Failure.self) {
                try await bench.tend()
            }
            #expect(problem?.code == .unreachable)
            let told = try await bench.pointInTime.problem(of: bench.database.target)
            #expect(told?.code == .unreachable)
            // The disk is worth more to the server than the archive.
            try await bench.cluster.administer(
                "postgres",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'",
                "SELECT pg_reload_conf()",
            )
            for _ in 0..<4 {
                try await bench.database.run("INSERT INTO t VALUES (2)")
                try await bench.cluster.administer("postgres", "SELECT pg_switch_wal()", "CHECKPOINT")
            }
            let round = try await bench.tend()
            #expect(round.torn?.contains("removed what was not archived yet") == true)
            let after = try await bench.pointInTime.problem(of: bench.database.target)
            #expect(after == nil)
            let tear = try await bench.pointInTime.tear(of: bench.database.target)
            #expect(tear?.reason == round.torn)
            #expect(try await bench.needsBase())
            // Until the tear everything is as it was.
            #expect(try await bench.rows(asOf: before) == 1)
            try await bench.base()
            try await bench.tend()
            let later = try await bench.moment()
            try await bench.tend()
            #expect(try await bench.rows(asOf: later) == 5)
            #expect(try await bench.pointInTime.windows(of: bench.database.target).count == 2)
        }
    }

    @Test(
        "ends with the word in opshub.yml, and what was archived can still be gone back to; with the word it begins anew"
    )
    func off() async throws {
        try await ArchiveBench.with { bench in
            try await bench.tend()
            try await bench.base()
            try await bench.database.run("INSERT INTO t VALUES (1), (2)")
            let moment = try await bench.moment()
            try await bench.tend()
            let slots = "SELECT count(*) FROM pg_replication_slots"
            #expect(try await bench.cluster.value("postgres", slots) == "1")
            var plain = bench.cluster.accessory
            plain.manifest.archive = nil
            _ = try await bench.cluster.home.ensure(plain)
            #expect(try await bench.cluster.value("postgres", slots) == "0")
            let round = try await bench.pointInTime.retire(bench.database.target, keeping: .seconds(3600))
            #expect(round.archived == 1)
            #expect(try Folder.names(in: LogReceiver.streams(bench.folder)) == [])
            #expect(try await bench.rows(asOf: moment) == 2)
            _ = try await bench.cluster.home.ensure(bench.cluster.accessory)
            _ = try await bench.cluster.home.ensure(bench.cluster.accessory)
            #expect(try await bench.cluster.value("postgres", slots) == "1")
            #expect(try await bench.tend().torn == "its receiver began anew")
            #expect(try await bench.rows(asOf: moment) == 2)
            let gone = try await bench.pointInTime.retire(bench.database.target, keeping: .seconds(-60))
            #expect(gone.removed > 0)
        }
    }

    @Test(
        "survives that earlier files of the server are put in its place, and a segment that a full disk has cut short"
    )
    func replaced() async throws {
        try await ArchiveBench.with { bench in
            try await bench.tend()
            let supervisor = Supervisor()
            let copy = "\(bench.folder.path)/copy"
            func whileStopped(_ words: String...) async throws {
                try await supervisor.stop(LogReceiver.service(bench.folder))
                try await supervisor.stop(bench.folder.service)
                _ = try await ProgramRunner().run(Program(words[0], Array(words.dropFirst())))
                    .checked(doing: "a copy")
                _ = try await bench.cluster.home.ensure(bench.cluster.accessory)
            }
            try await whileStopped("cp", "-a", bench.folder.data, copy)
            try await bench.base()
            try await bench.database.run("INSERT INTO t SELECT generate_series(1, 100000)")
            let before = try await bench.moment()
            try await bench.tend()
            try await whileStopped(
                "sh",
                "-c",
                "rm -r '\(bench.folder.data)' && mv '\(copy)' '\(bench.folder.data)'",
            )
            let round = try await bench.tend()
            #expect(round.torn == "an earlier state of its files was put there")
            #expect(try await bench.rows(asOf: before) == 100_000)
            #expect(try await bench.needsBase())
            try await bench.base()
            try await bench.database.run("INSERT INTO t VALUES (1)")
            let after = try await bench.moment()
            try await bench.tend()
            #expect(try await bench.rows(asOf: after) == 1)

            try await supervisor.stop(LogReceiver.service(bench.folder))
            let stream = try #require(try LogReceiver.stream(bench.folder))
            let folder = "\(LogReceiver.streams(bench.folder))/\(stream)"
            let partial = try #require(try Folder.names(in: folder).first { $0.hasSuffix(".partial") })
            #expect(unsafe truncate("\(folder)/\(partial)", 8_388_608) == 0)
            _ = try await bench.cluster.home.ensure(bench.cluster.accessory)
            #expect(try await bench.tend().torn == nil)
            #expect(try await bench.rows(asOf: after) == 1)
        }
    }

    @Test("Nothing of the original runs a second time on a server that replays its log")
    func still() {
        let needs = RecoveryNeeds(
            target: Date(timeIntervalSince1970: 1_763_829_072.433697),
            original: DrillNeeds(libraries: "pg_cron"),
        )
        for line in [
            "max_worker_processes = 0", "max_logical_replication_workers = 0", "hot_standby = off",
            "recovery_target_time = '2025-11-22 16:31:12.433697+00'", "recovery_target_action = promote",
        ] {
            #expect(needs.settings.contains(line), "\(needs.settings)")
        }
        #expect(RecoveryNeeds().settings.contains("recovery_target = immediate"))
        #expect(
            RecoveryNeeds.text(of: Date(timeIntervalSince1970: 0.9999999)) == "1970-01-01 00:00:01.000000+00"
        )
    }

    @Test("A receiver does not begin on a nearly full disk, and ends when it becomes one")
    func nearlyFull() async throws {
        try await TestHome.with { home in
            let folder = "\(home.layout.root)/watch"
            try Folder.make(folder)
            // As the watcher sees the disk, and with a shorter breath.
            try DurableFile.write(
                "#!/bin/sh\necho Avail; cat '\(folder)/room'\n",
                to: "\(folder)/df",
                mode: 0o755,
            )
            try DurableFile.write("#!/bin/sh\nexec /bin/sleep 0.1\n", to: "\(folder)/sleep", mode: 0o755)
            let receiver =
                "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit(0)); print('receives', flush=True); open('started', 'w'); time.sleep(100)"
            let program = Program(
                "/bin/sh",
                ["-c", LogReceiver.watch, "sh", "python3", "-c", receiver],
                in: folder,
                environment: ["PATH": "\(folder):\(ExecutablePath.folders)"],
            )
            try DurableFile.write("1000\n", to: "\(folder)/room")
            let refused = try await ProgramRunner().run(program)
            #expect(refused.output == "the disk is nearly full: nothing is received\n")
            #expect(!refused.isSuccess)
            try DurableFile.write("99999999\n", to: "\(folder)/room")
            async let ended = ProgramRunner().run(program)
            try await until { try FileContent.bytes(of: "\(folder)/started") != nil }
            try DurableFile.write("1000\n", to: "\(folder)/room")
            let result = try await ended
            #expect(result.output.hasPrefix("receives\n"), "\(result)")
            #expect(result.output.contains("the disk is nearly full: receiving ends"), "\(result)")
        }
    }

    @Test("What lies in a receiver's folder is not believed: it belongs to the server's account")
    func foreign() async throws {
        try await TestHome.with { home in
            let folder = home.folder(try home.accessory())
            let streams = "\(LogReceiver.streams(folder))/a"
            try Folder.make(streams)
            try DurableFile.write("a\n", to: "\(folder.receiver)/stream")
            let names = (1...5).map { LogSegment(stream: "a", timeline: 1, number: $0).name }
            // A link, a pipe, text, and another segment than it is called.
            #expect(unsafe symlink("/etc/passwd", "\(streams)/\(names[0])") == 0)
            #expect(unsafe mkfifo("\(streams)/\(names[1])", 0o600) == 0)
            try DurableFile.write("nothing", to: "\(streams)/\(names[2])")
            var page = [UInt8](repeating: 0, count: 8192)
            page.replaceSubrange(0..<4, with: [0x10, 0xD1, 0x02, 0x00])
            page.replaceSubrange(32..<36, with: [0, 0, 0, 1])
            page[11] = 9
            try DurableFile.write(page, to: "\(streams)/\(names[3])")
            let received = try ReceivedSegments(folder)
            let failure = #expect(throws: Failure.self) { try received.all() }
            #expect(failure?.message.contains(names[0]) == true)
            try Folder.removeFile("\(streams)/\(names[0])")
            #expect(try received.all().whole.isEmpty)
            page[11] = 5
            try DurableFile.write(page, to: "\(streams)/\(names[4])")
            #expect(try received.all().whole.map(\.name) == [names[4]])
        }
    }
}
