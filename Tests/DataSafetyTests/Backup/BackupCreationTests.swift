// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@Suite("Making a backup")
struct BackupCreationTests {
    @Test("It is started, then written with everything about it, and only then returned")
    func success() async throws {
        let bench = Bench()
        let backup = try await bench.backups.create(Samples.database, because: .deployment("d12"))

        #expect(backup.id == BackupID("b1"))
        #expect(backup.reason == .deployment("d12"))
        #expect(bench.store.history.map(\.state.name) == ["started", "written"])
        #expect(bench.store.history.last == backup)
        #expect(bench.vault.manifests[backup.id] == backup)
        #expect(backup.content?.seal == Samples.seal)
        #expect(backup.content?.fingerprint == Samples.fingerprint)
        #expect(!backup.isVerified)
        #expect(bench.lock.purposes == ["backup b1"])
        #expect(try await bench.backups.list(Samples.environment) == [backup])
    }

    @Test("It holds the database while it dumps, and not afterwards")
    func lock() async throws {
        let bench = Bench()
        bench.server.change { script in
            script.dump = { sink in
                #expect(bench.lock.isHeld)
                try await sink(Samples.bytes)
                return Samples.dumped
            }
        }
        _ = try await bench.written()
        #expect(!bench.lock.isHeld)
    }

    @Test(
        "While a migration holds the database it is refused, which may be tried again, and is a failed backup"
    )
    func lockTaken() async throws {
        let bench = Bench()
        bench.lock.give(to: "a migration")
        let failure = await #expect(throws: Failure.self) { try await bench.written() }
        #expect(failure?.code == .conflict)
        #expect(failure?.isRetryable == true)
        #expect(bench.server.calls.isEmpty)
        #expect(try await bench.state(BackupID("b1"))?.name == "failed")
    }

    @Test("When the dump fails, that is recorded and thrown, and none of its bytes are left")
    func dumpFails() async throws {
        let bench = Bench()
        bench.server.change { script in
            script.dump = { sink in
                try await sink(Samples.bytes)
                throw Failure(.backupFailed, "pg_dump failed", evidence: ["it said so"])
            }
        }
        let failure = await #expect(throws: Failure.self) { try await bench.written() }
        #expect(failure == Failure(.backupFailed, "pg_dump failed", evidence: ["it said so"]))
        #expect(try await bench.state(BackupID("b1")) == .failed(try #require(failure), nil))
        #expect(bench.vault.dumps.isEmpty && bench.vault.manifests.isEmpty)
    }

    @Test("An error that is no failure is told as one, with what was done")
    func strangeError() async throws {
        struct Strange: Error {}
        let bench = Bench()
        bench.server.change { $0.dump = { _ in throw Strange() } }
        let failure = await #expect(throws: Failure.self) { try await bench.written() }
        #expect(failure?.message == "backup b1 of tracehub/production/db/tracehub failed")
        #expect(failure?.cause == "Strange()")
    }

    @Test("When the manifest can't be published, nothing of the backup counts or stays")
    func publishFails() async throws {
        let bench = Bench()
        bench.vault.refuse(publishing: Failure(.diskFull, "no room"))
        let failure = await #expect(throws: Failure.self) { try await bench.written() }
        #expect(failure?.code == .diskFull)
        #expect(try await bench.state(BackupID("b1"))?.name == "failed")
        #expect(bench.vault.dumps.isEmpty)
    }

    @Test("When the catalogue can't say that it is written, it is given up rather than half-known")
    func saveFails() async throws {
        let bench = Bench()
        bench.store.refuse { $0.state.name == "written" }
        await #expect(throws: Failure.self) { try await bench.written() }
        #expect(try await bench.state(BackupID("b1"))?.name == "failed")
        #expect(bench.vault.manifests.isEmpty)
    }

    @Test("When not even the failure can be recorded, both are told")
    func recordFails() async throws {
        let bench = Bench()
        bench.vault.refuse(
            publishing: Failure(.backupFailed, "no manifest"),
            discarding: Failure(.unexpected, "the disk is gone"),
        )
        let failure = await #expect(throws: Failure.self) { try await bench.written() }
        #expect(failure?.message == "no manifest")
        #expect(failure?.evidence.last?.contains("the disk is gone") == true)
        #expect(try await bench.state(BackupID("b1")) == .started, "which recovery finds")
    }

    @Test("When the catalogue can't be written at all, nothing is dumped")
    func startFails() async throws {
        let bench = Bench()
        bench.store.refuse { _ in true }
        await #expect(throws: Failure.self) { try await bench.written() }
        #expect(bench.server.calls.isEmpty)
    }

    @Test(
        "A cancelled backup is recorded as such although its task is cancelled, and thrown as a cancellation"
    )
    func cancelled() async throws {
        let bench = Bench()
        let (started, signal) = AsyncStream<Void>.makeStream()
        bench.server.change { script in
            script.dump = { sink in
                try await sink(Samples.bytes)
                signal.yield()
                try await ContinuousClock().sleep(for: .seconds(60))
                return Samples.dumped
            }
        }
        let task = Task { try await bench.written() }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await bench.store.backup(BackupID("b1"))?.failure?.code == .cancelled)
        #expect(bench.vault.dumps.isEmpty)
        #expect(!bench.lock.isHeld)
    }

    @Test("A dump that takes too long is ended, and told as that")
    func deadline() async throws {
        let bench = Bench(limits: BackupLimits(dump: .milliseconds(20)))
        bench.server.change { script in
            script.dump = { _ in
                try await ContinuousClock().sleep(for: .seconds(60))
                return Samples.dumped
            }
        }
        let failure = await #expect(throws: Failure.self) { try await bench.written() }
        #expect(failure?.code == .deadlineExceeded)
        #expect(failure?.message == "the dump of tracehub/production/db/tracehub did not end within 20ms")
    }

    @Test("A deployment that was interrupted finds the backup that it made, unless that failed")
    func existing() async throws {
        let bench = Bench()
        let reason = BackupReason.deployment("d12")
        #expect(
            try await bench.backups.existing(Samples.database, because: reason, since: Samples.start) == nil
        )
        _ = try await bench.written()
        #expect(
            try await bench.backups.existing(Samples.database, because: reason, since: Samples.start) == nil
        )
        let mine = try await bench.backups.create(Samples.database, because: reason)
        #expect(
            try await bench.backups.existing(Samples.database, because: reason, since: Samples.start) == mine
        )
        let later = try await bench.backups.existing(
            Samples.database,
            because: reason,
            since: mine.startedAt.addingTimeInterval(1),
        )
        #expect(later == nil, "another deployment of that name had made it")
        let elsewhere = DatabaseTarget(Samples.environment, Samples.accessory, "other")
        #expect(try await bench.backups.existing(elsewhere, because: reason, since: Samples.start) == nil)
        bench.vault.put(Array("rotten".utf8), for: mine.id)
        _ = try await bench.backups.drill(mine.id)
        #expect(
            try await bench.backups.existing(Samples.database, because: reason, since: Samples.start) == nil
        )
    }

    @Test("A dump that was given up in its last moment leaves none of its bytes", .timeLimit(.minutes(5)))
    func givenUpLate() async throws {
        let bench = Bench()
        let dumps = Noted<String>()
        bench.server.change { script in
            let dump = script.dump
            script.dump = { sink in
                let dumped = try await dump(sink)
                dumps.add("all of it")
                // Everything has come by the time that it is given up; nobody asks any more.
                while !Task.isCancelled { await Task.yield() }
                return dumped
            }
        }
        let creation = Task(name: "backup that is given up") { try await bench.written() }
        while dumps.all.isEmpty { try await ContinuousClock().sleep(for: .milliseconds(2)) }
        creation.cancel()
        await #expect(throws: CancellationError.self) { try await creation.value }
        #expect(bench.vault.dumps.isEmpty)
        #expect(try await bench.backups.list(Samples.database.environment).map(\.state.name) == ["failed"])
    }
}
