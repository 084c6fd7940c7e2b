// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import TestSupport
import Testing

@testable import DataSafety

@Suite("How far a backup has come")
struct BackupProgressTests {
    @Test(
        "is told while it is dumped and proven, with as many bytes as last time or as its tables take, and not after it"
    )
    func stages() async throws {
        let bench = Bench()
        let seen = Noted<BackupProgress>()
        @Sendable func note() async throws {
            let newest = try await bench.backups.list(Samples.database.environment).first
            guard let newest, let progress = bench.backups.progress(of: newest.id) else { return }
            seen.add(progress)
        }
        bench.server.change { script in
            let (dump, drill) = (script.dump, script.drill)
            script.dump = { sink in
                let dumped = try await dump(sink)
                try await note()
                return dumped
            }
            script.drill = { bytes in
                try await note()
                return try await drill(bytes)
            }
        }
        let first = try await bench.written()
        _ = try await bench.backups.drill(first.id)
        let size = try #require(first.content?.encoding?.plain.size ?? first.content?.seal.size)
        let second = try await bench.written()
        let stages = seen.all
        #expect(stages.map(\.stage) == [.dumping, .comparing, .dumping])
        #expect(stages.map(\.total) == [ScriptedDatabaseServer.estimate, nil, size])
        #expect(stages[0].done == size && stages[2].done == size)
        for id in [first.id, second.id] { #expect(bench.backups.progress(of: id) == nil) }
    }

    @Test(
        "is told while it is sent to a store, read back, proven from there and fetched, with its file's bytes"
    )
    func elsewhere() async throws {
        let bench = Bench()
        let backup = try await bench.backups.drill(try await bench.written().id)
        let size = try #require(backup.content?.seal.size)
        let (seen, backups) = (Noted<BackupProgress>(), bench.backups)
        bench.offsite.whenBytesPass {
            if let progress = backups.progress(of: backup.id) { seen.add(progress) }
        }
        let store = ScriptedOffsiteStores.name
        func isOver() async throws {
            let rest = try await backups.underWay(in: Samples.database.environment)
            #expect(rest.isEmpty)
        }
        _ = try await backups.copyOffsite(backup.id, to: store)
        try await isOver()
        _ = try await backups.verifyOffsite(backup.id)
        try await isOver()
        try await bench.vault.discard(backup)
        _ = try await backups.fetch(backup.id, of: Samples.database.environment, from: store)
        #expect(seen.all.map(\.stage) == [.sending, .readingBack, .fetching, .fetching])
        #expect(seen.all.allSatisfy { $0.done == size && $0.total == size })
        try await isOver()
        bench.offsite.rot(backup)
        await #expect(throws: Failure.self) { try await backups.verifyOffsite(backup.id) }
        try await isOver()
    }

    @Test("is told of everything that is under way in an environment, and of nothing elsewhere")
    func underWay() async throws {
        let bench = Bench()
        let seen = Noted<[BackupID]>()
        bench.server.change { script in
            let dump = script.dump
            script.dump = { sink in
                let here = try await bench.backups.underWay(in: Samples.database.environment)
                seen.add(here.map(\.backup))
                let other = EnvironmentKey(ProjectName("other"), EnvironmentName("x"))
                let elsewhere = try await bench.backups.underWay(in: other)
                seen.add(elsewhere.map(\.backup))
                return try await dump(sink)
            }
        }
        let backup = try await bench.written()
        #expect(seen.all == [[backup.id], []])
    }

    @Test("counts parts together, goes on after a pause, and begins anew when the whole is read instead")
    func parts() {
        let (board, id, start) = (ProgressBoard(), BackupID("b1"), Samples.start)
        func isAt(_ stage: BackupProgress.Stage, _ done: Int64, since: Double) -> Bool {
            board.entry(id)
                == BackupProgress(
                    stage: stage,
                    since: start + since,
                    done: ByteCount(done),
                    total: stage == .restoring ? ByteCount(100) : nil,
                )
        }
        let total = ByteCount(100)
        // The beginning is read by itself, and says nothing of how far anything is.
        let head = board.beginReading(of: id, total: total, at: start)
        board.add(9, to: id, reading: head)
        board.endReading(head, of: id, isWhole: false, at: start + 1)
        #expect(isAt(.restoring, 9, since: 0))
        let one = board.beginReading(of: id, total: total, isPart: true, at: start + 2)
        let two = board.beginReading(of: id, total: total, isPart: true, at: start + 3)
        board.add(30, to: id, reading: one)
        board.add(20, to: id, reading: two)
        #expect(isAt(.restoring, 50, since: 2))
        board.endReading(one, of: id, isWhole: false, at: start + 4)
        board.endReading(two, of: id, isWhole: false, at: start + 5)
        #expect(isAt(.comparing, 0, since: 5))
        let three = board.beginReading(of: id, total: total, isPart: true, at: start + 6)
        board.add(60, to: id, reading: three)
        #expect(isAt(.restoring, 100, since: 2), "more than there is was read")
        board.endReading(three, of: id, isWhole: false, at: start + 7)
        let all = board.beginReading(of: id, total: total, at: start + 8)
        board.add(10, to: id, reading: all)
        #expect(isAt(.restoring, 10, since: 8))
        board.endReading(all, of: id, isWhole: true, at: start + 9)
        #expect(isAt(.comparing, 0, since: 9))
    }

    @Test("is gone after a failure")
    func failure() async throws {
        let bench = Bench()
        bench.server.change { $0.dump = { _ in throw Failure(.unreachable, "no server") } }
        await #expect(throws: Failure.self) { try await bench.written() }
        let failed = try #require(try await bench.backups.list(Samples.database.environment).first)
        #expect(bench.backups.progress(of: failed.id) == nil)
    }
}
