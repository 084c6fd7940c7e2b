// SPDX-License-Identifier: Apache-2.0
import Manifest
import Core
import DataSafety
import FoundationEssentials
import TestSupport
import Testing

@Suite("An archive of a server's log")
struct PointInTimeEngineTests {
    private let bench = Bench()
    private let log = ScriptedLog()

    private var pointInTime: PointInTime {
        PointInTime(backups: bench.backups, source: log, vault: log)
    }

    private func catalogue(_ backups: Backup...) async throws {
        for backup in backups {
            try await bench.store.save(backup)
            bench.vault.put(Samples.bytes, for: backup.id)
        }
    }

    @Test("takes over what was received, in order, before it marks how far it reaches")
    func collects() async throws {
        let archive = pointInTime
        log.with { content in
            content.whole = [ArchiveSamples.segment(4), ArchiveSamples.segment(3)]
            content.last = ArchiveSamples.segment(5)
            content.marks = [.success(ArchiveSamples.mark(5, at: 50))]
        }
        let round = try await archive.tend(Samples.database)
        #expect(round.archived == 2 && round.torn == nil)
        #expect(log.with { $0.archived } == ArchiveSamples.segments(3...4))
        #expect(log.with { $0.record?.marks } == [ArchiveSamples.mark(5, at: 50)])
        #expect(try await archive.tend(Samples.database).archived == 0)
        #expect(try await archive.needsBase(Samples.database))
        try await catalogue(ArchiveSamples.base(1, from: 3, at: 30))
        #expect(try await !archive.needsBase(Samples.database))
    }

    @Test("leaves with the receiver what it can't take, and says so until it can")
    func refuses() async throws {
        let archive = pointInTime
        log.with { content in
            content.whole = [ArchiveSamples.segment(3)]
            content.marks = [.success(ArchiveSamples.mark(4, at: 50))]
            content.refusal = Failure(.diskFull, "no room")
        }
        await #expect(throws: Failure.self) { try await archive.tend(Samples.database) }
        #expect(try await archive.problem(of: Samples.database)?.code == .diskFull)
        #expect(log.with { $0.whole.count } == 1)
        // No base backup helps against that.
        #expect(try await !archive.needsBase(Samples.database))
        log.with { $0.refusal = nil }
        _ = try await archive.tend(Samples.database)
        #expect(try await archive.problem(of: Samples.database) == nil)
        #expect(log.with { $0.whole.isEmpty })
    }

    @Test(
        "that was torn keeps what it has until there, also of the segment that was being received, and begins anew"
    )
    func torn() async throws {
        let archive = pointInTime
        try await catalogue(ArchiveSamples.base(1, from: 3, at: 30))
        log.with { content in
            content.last = ArchiveSamples.segment(3)
            content.marks = [.success(ArchiveSamples.mark(3, at: 40))]
        }
        _ = try await archive.tend(Samples.database)
        log.with { content in
            content.marks = [
                .failure(Failure(.damagedState, "removed")),
                .success(ArchiveSamples.mark(8, at: 80, stream: "other")),
            ]
        }
        #expect(try await archive.tend(Samples.database).torn == "removed")
        #expect(log.with { $0.renewals } == 1)
        #expect(try await archive.tend(Samples.database).torn == nil)
        #expect(log.with { $0.archived } == [ArchiveSamples.segment(3)])
        #expect(try await archive.windows(of: Samples.database).map(\.to) == [ArchiveSamples.time(40)])
        #expect(try await archive.needsBase(Samples.database))
        #expect(try await archive.tear(of: Samples.database)?.last == ArchiveSamples.time(40))
    }

    @Test("that was torn when nobody could write that down is known to be torn nevertheless")
    func tornUnseen() async throws {
        let archive = pointInTime
        try await catalogue(ArchiveSamples.base(1, from: 3, at: 30))
        log.with { content in
            content.archived = ArchiveSamples.segments(3...3)
            content.marks = [
                .success(ArchiveSamples.mark(3, at: 40)), .failure(Failure(.damagedState, "removed")),
                .failure(Failure(.unreachable, "no answer")),
                .success(ArchiveSamples.mark(3, at: 90, stream: "other")),
            ]
        }
        _ = try await archive.tend(Samples.database)
        await #expect(throws: Failure.self) { try await archive.tend(Samples.database) }
        #expect(try await archive.tend(Samples.database).torn == "its receiver began anew")
        #expect(try await archive.windows(of: Samples.database).map(\.to) == [ArchiveSamples.time(40)])
        #expect(try await archive.needsBase(Samples.database))
    }

    @Test("of a server whose clock was set back begins a new stream")
    func clock() async throws {
        let archive = pointInTime
        log.with { content in
            content.marks = [
                .success(ArchiveSamples.mark(3, at: 3600)), .success(ArchiveSamples.mark(4, at: 60)),
                .success(ArchiveSamples.mark(4, at: 61, stream: "other")),
            ]
        }
        _ = try await archive.tend(Samples.database)
        #expect(try await archive.tend(Samples.database).torn?.contains("clock was set back") == true)
        #expect(log.with { $0.renewals } == 1)
    }

    @Test("that nothing is heard of is a problem")
    func silent() async throws {
        let archive = pointInTime
        log.with { $0.marks = [.success(ArchiveSamples.mark(3, at: 0))] }
        _ = try await archive.tend(Samples.database)
        #expect(try await archive.problem(of: Samples.database) == nil)
        try await bench.time.sleep(for: .seconds(600))
        #expect(
            try await archive.problem(of: Samples.database)?.message.contains("nothing was heard") == true
        )
        #expect(try await !archive.needsBase(Samples.database))
    }

    @Test("loses what was written before every base backup, and nothing while there is none")
    func prunes() async throws {
        let archive = pointInTime
        log.with { content in
            content.archived = ArchiveSamples.segments(1...6)
                .union(ArchiveSamples.segments(1...2, stream: "old"))
            content.last = ArchiveSamples.segment(7)
            content.marks = [.success(ArchiveSamples.mark(7, at: 70))]
        }
        #expect(try await archive.tend(Samples.database).removed == 2)
        #expect(log.with { $0.archived } == ArchiveSamples.segments(1...6))
        try await catalogue(
            ArchiveSamples.base(1, from: 3, at: 30),
            ArchiveSamples.base(2, from: 5, at: 50, .disproved(Samples.failure)),
        )
        #expect(try await archive.tend(Samples.database).removed == 2)
        #expect(log.with { $0.archived } == ArchiveSamples.segments(3...6))
    }

    @Test("is removed once nobody wants to go back to its last moment any more")
    func retires() async throws {
        let archive = pointInTime
        log.with { content in
            content.archived = ArchiveSamples.segments(1...2)
            content.marks = [.success(ArchiveSamples.mark(3, at: 0))]
        }
        _ = try await archive.tend(Samples.database)
        log.with { $0.archived = ArchiveSamples.segments(1...2) }
        #expect(try await archive.retire(Samples.database, keeping: .seconds(86_400)).removed == 0)
        try await bench.time.sleep(for: .seconds(90_000))
        #expect(try await archive.retire(Samples.database, keeping: .seconds(86_400)).removed == 2)
    }

    @Test(
        "begins with the newest base backup before the moment, a proven one where there is one, and brings the segments that are asked for"
    )
    func recovers() async throws {
        let archive = pointInTime
        try await catalogue(
            ArchiveSamples.base(1, from: 3, at: 30, .proven(Samples.drill)),
            ArchiveSamples.base(2, from: 4, at: 40),
            ArchiveSamples.base(3, from: 6, at: 60, .proven(Samples.drill)),
        )
        log.with { content in
            content.archived = ArchiveSamples.segments(3...6)
            content.last = ArchiveSamples.segment(7)
            content.marks = [.success(ArchiveSamples.mark(7, at: 70))]
            content.wanted = [3, 7, 8].map { ArchiveSamples.segment($0).name } + ["00000002.history"]
        }
        _ = try await archive.tend(Samples.database)
        let made = try await archive.backup(Samples.database, asOf: ArchiveSamples.time(50), by: "ada")
        #expect(made.database == Samples.database && made.asOf == ArchiveSamples.time(50))
        #expect(made.reason.description.hasPrefix("as of 2027-01-15T08:00:50Z, asked for by ada"))
        #expect(log.with { $0.recoveries.map(\.base.writtenAt) } == [ArchiveSamples.time(30)])
        #expect(log.with { $0.asked.map(\.isThere) } == [true, true, false, false])
        let again = try await archive.backup(Samples.database, asOf: ArchiveSamples.time(50), by: "bea")
        #expect(again.id == made.id)
        _ = try await archive.backup(Samples.database, asOf: ArchiveSamples.time(65), by: "ada")
        #expect(log.with { $0.recoveries.last?.base.writtenAt } == ArchiveSamples.time(60))
    }

    @Test(
        "says which moments there are when another is wanted",
        arguments: [(29.0, "begins at"), (71, "reaches to"), (45, "is missing")],
    )
    func refused(_ seconds: Double, _ reason: String) async throws {
        let archive = pointInTime
        try await catalogue(
            ArchiveSamples.base(1, from: 3, at: 30, stream: "old"),
            ArchiveSamples.base(2, from: 6, at: 60),
        )
        log.with { content in
            content.record = LogRecord(
                marks: [ArchiveSamples.mark(3, at: 40, stream: "old"), ArchiveSamples.mark(7, at: 70)]
            )
            content.archived = ArchiveSamples.segments(3...3, stream: "old")
                .union(ArchiveSamples.segments(6...7))
        }
        let failure = await #expect(throws: Failure.self) {
            try await archive.backup(Samples.database, asOf: ArchiveSamples.time(seconds), by: "ada")
        }
        #expect(failure?.code == .conflict && failure?.message.contains(reason) == true)
        #expect(
            failure?.hint
                == "any moment of these can be gone back to: 2027-01-15T08:00:30Z to 2027-01-15T08:00:40Z, 2027-01-15T08:01:00Z to 2027-01-15T08:01:10Z"
        )
    }

    @Test("Its base backups are made on schedule, and at once where the log has none to begin with")
    func scheduled() async throws {
        var policy = try BackupPolicy(
            .init(schedule: "0 2 * * *"),
            of: [],
            archived: [Samples.database],
            since: Samples.start,
        )
        policy.began = Samples.start
        let none = try await bench.backups.makeScheduled(of: Samples.environment, by: policy) { [] }
        #expect(none.made.isEmpty)
        let wanted = try await bench.backups.makeScheduled(
            of: Samples.environment,
            by: policy,
            wanted: [ArchiveSamples.cluster],
        ) { [] }
        #expect(wanted.made.count == 1)
        #expect(try await bench.backups.list(Samples.environment).map(\.database) == [ArchiveSamples.cluster])
    }

    @Test("One that is wanted and fails again and again is tried ever more rarely")
    func failing() async throws {
        let policy = try BackupPolicy(.init(), of: [], archived: [Samples.database], since: Samples.start)
        let dumps = Noted<String>()
        bench.server.change { script in
            script.dump = { _ in
                dumps.add("one")
                throw Failure(.backupFailed, "no")
            }
        }
        var attempts: [Int] = []
        for _ in 0..<12 {
            let before = dumps.all.count
            // What fails is thrown, and counted.
            _ = try? await bench.backups.makeScheduled(
                of: Samples.environment,
                by: policy,
                wanted: [ArchiveSamples.cluster],
            ) { [] }
            attempts.append(dumps.all.count - before)
            try await bench.time.sleep(for: .seconds(610))
        }
        // After 10, 20, 40 and then 80 minutes, where every round is ten minutes after the one before.
        #expect(attempts == [1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0])
    }

    @Test(
        "Base backups are kept as far back as moments are wanted, with the one that the first of them begins with, and no store gets them"
    )
    func retention() async throws {
        let policy = BackupRetention(keepDays: 30, keepLast: 10, window: .seconds(86_400))
        let day = 86_400.0
        let bases = (0..<5)
            .map {
                ArchiveSamples.base($0 + 1, from: UInt64($0), at: Double($0) * day, .proven(Samples.drill))
            }
        let verdicts = policy.verdicts(on: bases, at: ArchiveSamples.time(4 * day + 60))
        #expect(verdicts.filter(\.isKept).map(\.backup.id.rawValue) == ["b5", "b4"])
        #expect(verdicts[1].reasons == [.beginsWindow(.seconds(86_400))])
        #expect(bases.allSatisfy { $0.isVerified && !$0.belongsOffsite })
        // One that is no use stays only while it is the newest: somebody may want to see why.
        let useless = [
            ArchiveSamples.base(1, from: 0, at: 0, .proven(Samples.drill)),
            ArchiveSamples.base(2, from: 1, at: 10, .disproved(Samples.failure)),
            ArchiveSamples.base(3, from: 2, at: 20, .disproved(Samples.failure)),
        ]
        let left = policy.verdicts(on: useless, at: ArchiveSamples.time(60)).filter(\.isKept)
        #expect(left.map(\.backup.id.rawValue) == ["b3", "b1"])
        // Of one that is not proven nobody knows.
        let unproven = [ArchiveSamples.base(1, from: 0, at: 0), ArchiveSamples.base(2, from: 1, at: 10)]
        let later = policy.verdicts(on: unproven, at: ArchiveSamples.time(9 * day)).filter(\.isKept)
        #expect(later.map(\.backup.id.rawValue) == ["b2"])
    }

    @Test("A backup of a moment takes no other's place among those that are kept")
    func derived() {
        let made = Backup(
            id: BackupID("b3"),
            of: Samples.database,
            because: .moment(Samples.start, by: "ada"),
            at: ArchiveSamples.time(100),
        )
        var derived = made
        do {
            try derived.apply(.dumped(Samples.content), at: ArchiveSamples.time(100))
            try derived.apply(.proven(Samples.drill), at: ArchiveSamples.time(100))
        } catch {
            Issue.record(error)
        }
        let own = [
            Samples.backup(1, at: ArchiveSamples.time(0), .dumped(Samples.content), .proven(Samples.drill)),
            Samples.backup(2, at: ArchiveSamples.time(50), .dumped(Samples.content), .proven(Samples.drill)),
        ]
        let verdicts = BackupRetention(keepDays: 0, keepLast: 2)
            .verdicts(on: own + [derived], at: ArchiveSamples.time(1_000_000))
        #expect(verdicts.filter(\.isKept).map(\.backup.id.rawValue) == ["b2", "b1"])
    }

    @Test("A whole server's files are no backup to restore from")
    func restored() async throws {
        try await catalogue(ArchiveSamples.base(1, from: 3, at: 30, .proven(Samples.drill)))
        let restores = Restores(backups: bench.backups, exchange: NoExchange(), tables: NoTables())
        let failure = await #expect(throws: Failure.self) {
            try await restores.prepare(BackupID("b1"), for: Samples.database, order: "d1")
        }
        #expect(failure?.hint?.contains("--at TIME") == true)
    }
}
