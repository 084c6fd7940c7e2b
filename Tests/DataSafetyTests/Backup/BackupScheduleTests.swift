// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import FoundationEssentials
import Manifest
import Testing

@Suite("Backups on a schedule")
struct BackupScheduleTests {
    private static let environment = Samples.database.environment

    private func run(
        _ bench: Bench,
        inUse: Set<BackupID> = [],
    ) async throws -> (made: [BackupID], removed: [BackupID]) {
        // Every hour; the clock here moves by one second with each look, and by what is slept.
        let manifest = BackupManifest(schedule: "0 * * * *", keepDays: 1, keepLast: 1)
        let policy = try BackupPolicy(manifest, of: [Samples.database], since: .distantPast)
        return try await bench.backups.makeScheduled(of: Self.environment, by: policy) { inUse }
    }

    private func wait(_ hours: Int, _ bench: Bench) async throws {
        try await bench.time.sleep(for: .seconds(hours * 3600))
    }

    @Test("are made and proven once for each moment, and the older ones go")
    func made() async throws {
        let bench = Bench()
        let first = try await run(bench)
        #expect(first.made.count == 1 && first.removed.isEmpty)
        #expect(try await bench.store.backup(first.made[0])?.isVerified == true)
        let again = try await run(bench)
        #expect(again.made.isEmpty && again.removed.isEmpty)
        try await wait(48, bench)
        let later = try await run(bench)
        #expect(later.made.count == 1 && later.removed == first.made)
        #expect(bench.vault.dumps == Set(later.made))
    }

    @Test("leave alone what something relies on")
    func inUse() async throws {
        let bench = Bench()
        let first = try await run(bench).made
        try await wait(48, bench)
        let later = try await run(bench, inUse: Set(first))
        #expect(later.removed.isEmpty && bench.vault.dumps == Set(first + later.made))
    }

    @Test("that fail are told after the other databases had their turn, and nothing is removed for them")
    func failing() async throws {
        let bench = Bench()
        let good = try await run(bench).made
        try await wait(48, bench)
        bench.server.change { $0.dump = { _ in throw Failure(.unreachable, "no server") } }
        let failure = await #expect(throws: Failure.self) {
            try await run(bench)
        }
        #expect(failure?.message == "no server")
        #expect(bench.vault.dumps == Set(good))
        #expect(try await bench.backups.list(Self.environment).map(\.state.name) == ["failed", "verified"])
    }

    @Test("whose proof came to no verdict are proven later, and not made again")
    func leftover() async throws {
        let bench = Bench()
        bench.server.change { $0.drill = { _ in throw Failure(.diskFull, "no room") } }
        let failure = await #expect(throws: Failure.self) {
            try await run(bench)
        }
        #expect(failure?.code == .diskFull)
        bench.server.change { $0.drill = ScriptedDatabaseServer.Script().drill }
        let soon = try await run(bench)
        #expect(soon.made.isEmpty)
        try await bench.time.sleep(for: .seconds(700))
        let later = try await run(bench)
        #expect(later.made.count == 1)
        #expect(try await bench.backups.list(Self.environment).map(\.state.name) == ["verified"])
    }

    @Test("give way to a deployment's, and have their turn later", .timeLimit(.minutes(5)))
    func giveWay() async throws {
        let bench = Bench()
        let dumps = Noted<String>()
        bench.server.change { script in
            let dump = script.dump
            script.dump = { sink in
                if dumps.add("dump") == 1 { try await ContinuousClock().sleep(for: .seconds(3600)) }
                return try await dump(sink)
            }
        }
        async let scheduled = run(bench)
        while dumps.all.isEmpty { try await ContinuousClock().sleep(for: .milliseconds(5)) }
        let own = try await bench.backups.create(Samples.database, because: .deployment("d7"))
        #expect(own.state.name == "written")
        #expect(try await scheduled.made.isEmpty)
        let all = try await bench.backups.list(Self.environment)
        #expect(all.map(\.state.name).sorted() == ["failed", "written"])
        #expect(bench.vault.dumps == [own.id])
        try await wait(2, bench)
        #expect(try await run(bench).made.count == 1)
    }

    @Test(
        "are proven with what a person asked for, when whoever waited for its proof ended before it was told"
    )
    func ownerless() async throws {
        let bench = Bench()
        _ = try await run(bench)
        let own = try await bench.backups.create(Samples.database, because: .command(by: "ada"))
        // As long as it may be under way, it is theirs.
        #expect(try await run(bench).made.isEmpty)
        try await bench.time.sleep(for: .seconds(700))
        #expect(try await run(bench).made == [own.id])
        #expect(try await bench.store.backup(own.id)?.isVerified == true)
        #expect(try await run(bench).made.isEmpty)
        // One that is older than what is proven is worth no drill.
        let old = try await bench.backups.create(Samples.database, because: .command(by: "ada"))
        let new = try await bench.backups.create(Samples.database, because: .command(by: "ada"))
        _ = try await bench.backups.drill(new.id)
        try await bench.time.sleep(for: .seconds(700))
        #expect(try await run(bench).made.isEmpty)
        #expect(try await bench.store.backup(old.id)?.state.name == "written")
    }

    @Test("that a person asks for wait their turn")
    func noWayGiven() async throws {
        let bench = Bench()
        let made = try await run(bench).made
        _ = try await bench.backups.create(Samples.database, because: .command(by: "ada"))
        #expect(try await bench.store.backup(made[0])?.isVerified == true)
    }
}
