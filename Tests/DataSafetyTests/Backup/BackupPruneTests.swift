// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import TestSupport
import Testing

@Suite("Removing backups that are kept no longer")
struct BackupPruneTests {
    private let policy = BackupRetention(keepDays: 1, keepLast: 1)

    /// Three verified backups, days apart, the newest now.
    private func bench() async throws -> (Bench, [BackupID]) {
        let bench = Bench()
        var ids: [BackupID] = []
        for _ in 0..<3 {
            try await bench.time.sleep(for: .seconds(3 * 86_400))
            let written = try await bench.written()
            ids.append(try await bench.backups.drill(written.id).id)
        }
        return (bench, ids)
    }

    @Test("takes files and catalogue entries of what no rule keeps, and leaves everything else")
    func prune() async throws {
        let (bench, ids) = try await bench()
        let seen = try await bench.backups.verdicts(
            of: Samples.database.environment,
            by: policy,
            inUse: [ids[0]],
        )
        #expect(seen.map(\.isKept) == [true, false, true])
        #expect(bench.vault.dumps == Set(ids))
        let done = try await bench.backups.prune(Samples.database.environment, by: policy, inUse: [ids[0]])
        #expect(done == seen)
        #expect(bench.vault.dumps == [ids[0], ids[2]])
        #expect(try await bench.backups.list(Samples.database.environment).map(\.id) == [ids[2], ids[0]])
        let again = try await bench.backups.prune(Samples.database.environment, by: policy, inUse: [ids[0]])
        #expect(again.map(\.isKept) == [true, true])
    }

    @Test(
        "does not believe a clock that was set: what that has made old stays for a day, and goes when it stays so"
    )
    func leap() async throws {
        let (bench, ids) = try await bench()
        let (policy, environment) = (
            BackupRetention(keepDays: 30, keepLast: 1), Samples.database.environment,
        )
        bench.time.leap(by: .seconds(400 * 86_400))
        let next = try await bench.backups.drill(try await bench.written().id)
        let soon = try await bench.backups.prune(environment, by: policy, inUse: [])
        #expect(soon.map(\.isKept) == [true, true, true, true])
        #expect(
            soon.last?.reasons.map(\.description) == [
                "younger than 30 days, unless the clock is right: goes when that has gone evenly for a day"
            ]
        )
        #expect(
            try await bench.backups.confirmedTime(in: environment)
                < bench.time.now.addingTimeInterval(-390 * 86_400)
        )
        // It was wrong: everything is as it was.
        bench.time.leap(by: .seconds(-400 * 86_400))
        try await bench.time.sleep(for: .seconds(21 * 3600))
        #expect(try await bench.backups.prune(environment, by: policy, inUse: []).allSatisfy(\.isKept))
        bench.time.leap(by: .seconds(400 * 86_400))
        #expect(try await bench.backups.prune(environment, by: policy, inUse: []).allSatisfy(\.isKept))
        try await bench.time.sleep(for: .seconds(21 * 3600))
        _ = try await bench.backups.prune(environment, by: policy, inUse: [])
        #expect(bench.vault.dumps == [next.id] && !ids.contains(next.id))
    }

    @Test("that can't remove a file keeps the backup in the catalogue, says so, and goes on with the others")
    func refused() async throws {
        let (bench, ids) = try await bench()
        bench.vault.refuse(discarding: Failure(.unexpected, "the disk is read-only"))
        let failure = await #expect(throws: Failure.self) {
            try await bench.backups.prune(Samples.database.environment, by: policy, inUse: [])
        }
        #expect(failure?.message == "the disk is read-only")
        #expect(try await bench.backups.list(Samples.database.environment).count == 3)
        bench.vault.refuse()
        _ = try await bench.backups.prune(Samples.database.environment, by: policy, inUse: [])
        #expect(bench.vault.dumps == [ids[2]])
    }

    @Test("counts nothing that is only in the catalogue: what is really there stays in its place")
    func missing() async throws {
        let (bench, ids) = try await bench()
        bench.vault.put(nil, for: ids[2])
        let done = try await bench.backups.prune(Samples.database.environment, by: policy, inUse: [])
        #expect(done.first { $0.backup.id == ids[2] }?.reasons == [.missing])
        #expect(bench.vault.dumps == [ids[1]])
    }

    @Test("A catalogue that begins again gives no name that the vault has, and loses nothing")
    func lostCatalogue() async throws {
        let (old, ids) = try await bench()
        let backups = Backups(
            store: InMemoryBackupStore(),
            vault: old.vault,
            offsite: old.offsite,
            server: old.server,
            lock: old.lock,
            time: old.time,
        )
        let made = try await backups.create(Samples.database, because: .schedule)
        #expect(!ids.contains(made.id) && old.vault.dumps == Set(ids + [made.id]))
    }
}
