// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import TestSupport
import Testing

@Suite("A copy of a backup elsewhere")
struct OffsiteTests {
    private static let store = ScriptedOffsiteStores.name
    private static let environment = Samples.environment

    /// Faults by which a copy does not come about.
    static let faults: [ScriptedOffsiteStores.Fault] = [
        .away, .refused, .swallowed, .flipped, .cut, .unsealed,
    ]

    private func verified(_ bench: Bench) async throws -> Backup {
        try await bench.backups.drill(try await bench.written().id)
    }

    /// Copies what is due, one after another.
    private func copyDue(_ bench: Bench, to store: StoreName = store) async throws -> [BackupID] {
        var copied: [BackupID] = []
        while let next = try await bench.backups.copyNext(of: Self.environment, to: store) {
            copied.append(next)
        }
        return copied
    }

    private func state(_ id: BackupID, _ bench: Bench) async throws -> OffsiteState? {
        try await bench.store.backup(id)?.offsite
    }

    @Test("counts once every byte was read back, and the manifest comes last")
    func copied() async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        let copied = try await bench.backups.copyOffsite(backup.id, to: Self.store)
        #expect(copied.offsite?.name == "off-site" && copied.offsite?.copiedAt != nil)
        #expect(copied.isVerified && bench.offsite.backups == [backup.id])
        #expect(try await bench.store.backup(backup.id) == copied)
        #expect(bench.vault.manifests[backup.id] == copied)
        _ = try await bench.backups.copyOffsite(backup.id, to: Self.store)
        #expect(bench.offsite.sent == [backup.id], "it is not sent again")
    }

    @Test(
        "never counts when anything went wrong on the way, says what, and is tried again",
        arguments: faults,
    )
    func failed(_ fault: ScriptedOffsiteStores.Fault) async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        bench.offsite.fail(fault)
        let failure = await #expect(throws: Failure.self) {
            try await bench.backups.copyOffsite(backup.id, to: Self.store)
        }
        let state = try #require(try await state(backup.id, bench))
        #expect(state.name == "not off-site" && state.failures == 1 && state.failure == failure)
        #expect(bench.offsite.backups.isEmpty, "what did not come back is no backup there")
        #expect(
            try await bench.store.backup(backup.id)?.isVerified == true,
            "the one here is as good as before",
        )
        bench.offsite.fail(nil)
        #expect(try await copyDue(bench) == [])
        try await bench.time.sleep(for: .seconds(600))
        #expect(try await copyDue(bench) == [backup.id])
        #expect(try await self.state(backup.id, bench)?.failure == nil)
    }

    @Test("is tried more and more rarely, and at once when the clock was put back")
    func pauses() async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        bench.offsite.fail(.away)
        for (number, pause) in [0, 600, 1200, 2400, 4800, 9600, 9600].enumerated() {
            try await bench.time.sleep(for: .seconds(max(0, pause - 60)))
            if pause > 0 {
                #expect(try await copyDue(bench) == [])
            }
            try await bench.time.sleep(for: .seconds(60))
            await #expect(throws: Failure.self) {
                try await copyDue(bench)
            }
            #expect(try await state(backup.id, bench)?.failures == number + 1)
        }
        try await bench.time.sleep(for: .seconds(-86_400))
        await #expect(throws: Failure.self) {
            try await copyDue(bench)
        }
    }

    @Test("of a backup that is not verified is refused")
    func unverified() async throws {
        let bench = Bench()
        let backup = try await bench.written()
        let failure = await #expect(throws: Failure.self) {
            try await bench.backups.copyOffsite(backup.id, to: Self.store)
        }
        #expect(failure?.code == .conflict)
        #expect(try await copyDue(bench) == [])
        #expect(bench.offsite.sent.isEmpty)
    }

    @Test(
        "is made of the newest first; a store that is away is asked once, and one bad backup keeps no other waiting"
    )
    func order() async throws {
        let bench = Bench()
        var ids: [BackupID] = []
        for _ in 1...3 { ids.append(try await verified(bench).id) }
        bench.offsite.fail(.away)
        await #expect(throws: Failure.self) {
            try await copyDue(bench)
        }
        let tried = try await bench.backups.list(Self.environment).map { $0.offsite?.failures ?? 0 }
        #expect(tried == [1, 0, 0])
        bench.offsite.fail(nil)
        bench.offsite.ail([ids[1]])
        try await bench.time.sleep(for: .seconds(600))
        let store = Self.store
        #expect(try await bench.backups.copyNext(of: Self.environment, to: store) == ids[2])
        let failure = await #expect(throws: Failure.self) {
            try await bench.backups.copyNext(of: Self.environment, to: store)
        }
        #expect(failure?.code == .backupFailed)
        #expect(try await copyDue(bench) == [ids[0]])
        #expect(bench.offsite.sent == [ids[2], ids[1], ids[0]])
        #expect(bench.offsite.backups == [ids[2], ids[0]])
    }

    @Test("is made as soon as the store is added, however lately it was missed")
    func added() async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        bench.offsite.set(isAdded: false)
        let missing = await #expect(throws: Failure.self) { try await copyDue(bench) }
        #expect(missing?.code == .notFound && missing?.hint == "opshub store add \(Self.store)")
        // It is said once, and not every few seconds.
        #expect(try await copyDue(bench) == [])
        bench.offsite.set(isAdded: true)
        #expect(try await copyDue(bench) == [backup.id])

        // So it is with one that was away, and is somewhere else now.
        bench.offsite.fail(.away)
        let next = try await verified(bench)
        await #expect(throws: Failure.self) { try await copyDue(bench) }
        bench.offsite.fail(nil)
        #expect(try await copyDue(bench) == [])
        bench.offsite.move()
        #expect(try await copyDue(bench) == [next.id, backup.id])
    }

    @Test("is proven by a restore from there; one that has changed counts no more, and is sent again")
    func proven() async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        await #expect(throws: Failure.self) { try await bench.backups.verifyOffsite(backup.id) }
        _ = try await bench.backups.copyOffsite(backup.id, to: Self.store)
        let proven = try await bench.backups.verifyOffsite(backup.id)
        #expect(proven.offsite?.name == "off-site verified" && proven.offsite?.drill?.rows == 42)
        #expect(bench.server.scratchNames.isEmpty)

        bench.offsite.fail(.away)
        let away = await #expect(throws: Failure.self) { try await bench.backups.verifyOffsite(backup.id) }
        #expect(away?.code == .unreachable)
        #expect(
            try await state(backup.id, bench)?.name == "off-site verified",
            "no verdict changes nothing",
        )
        bench.offsite.fail(nil)

        bench.offsite.rot(backup)
        let rotten = await #expect(throws: Failure.self) { try await bench.backups.verifyOffsite(backup.id) }
        #expect(rotten?.code == .backupFailed)
        #expect(try await state(backup.id, bench)?.name == "not off-site")
        try await bench.time.sleep(for: .seconds(600))
        #expect(try await copyDue(bench) == [backup.id])
        #expect(try await bench.backups.verifyOffsite(backup.id).offsite?.name == "off-site verified")
    }

    @Test("comes back where the files are gone, and does not where another backup has its name")
    func fetched() async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        _ = try await bench.backups.copyOffsite(backup.id, to: Self.store)
        let here = await #expect(throws: Failure.self) {
            try await bench.backups.fetch(backup.id, of: Self.environment, from: Self.store)
        }
        #expect(here?.code == .conflict)
        let unknown = await #expect(throws: Failure.self) {
            try await bench.backups.fetch(BackupID("b9"), of: Self.environment, from: Self.store)
        }
        #expect(unknown?.code == .notFound)

        try await bench.vault.discard(backup)
        bench.offsite.fail(.cut)
        let cut = await #expect(throws: Failure.self) {
            try await bench.backups.fetch(backup.id, of: Self.environment, from: Self.store)
        }
        #expect(cut?.code == .backupFailed && bench.vault.dumps.isEmpty)
        bench.offsite.fail(nil)
        let fetched = try await bench.backups.fetch(backup.id, of: Self.environment, from: Self.store)
        #expect(fetched.isVerified && fetched.offsite?.isCopied == true)
        #expect(bench.vault.dumps == [backup.id] && bench.vault.manifests[backup.id] == fetched)
        #expect(try await bench.backups.verify(backup.id).isVerified)
    }

    @Test("of another home comes back into a new one; of two with one name the own one is meant, or none")
    func foreign() async throws {
        let bench = Bench()
        let foreign = Samples.backup(7, .dumped(Samples.content), .proven(Samples.drill))
        bench.offsite.put(foreign, Samples.bytes)
        let fetched = try await bench.backups.fetch(foreign.id, of: Self.environment, from: Self.store)
        #expect(
            fetched.id == foreign.id && fetched.state.name == "written",
            "nobody has signed that it is verified",
        )
        #expect(fetched.reason == .fetched(from: Self.store) && fetched.offsite?.isForeign == true)
        #expect(try await bench.store.backup(foreign.id) == fetched)

        let other = InMemoryVault.seal(Array("another".utf8))
        let content = BackupContent(
            StoredDump(seal: other, encoding: nil),
            writtenAt: Samples.start,
            dumped: Samples.dumped,
        )
        bench.offsite.put(
            Samples.backup(7, .dumped(content), .proven(Samples.drill)),
            Array("another".utf8),
        )
        bench.offsite.put(
            Samples.backup(8, .dumped(content), .proven(Samples.drill)),
            Array("another".utf8),
        )
        bench.offsite.put(
            Samples.backup(8, .dumped(Samples.content), .proven(Samples.drill)),
            Samples.bytes,
        )
        try await bench.vault.discard(foreign)
        #expect(
            try await bench.backups.fetch(foreign.id, of: Self.environment, from: Self.store).content
                == Samples.content
        )
        let ambiguous = await #expect(throws: Failure.self) {
            try await bench.backups.fetch(BackupID("b8"), of: Self.environment, from: Self.store)
        }
        #expect(ambiguous?.code == .conflict && ambiguous?.evidence.count == 2)

        let early = Samples.backup(
            9,
            at: Samples.start.addingTimeInterval(1e9),
            .dumped(Samples.content),
            .proven(Samples.drill),
        )
        bench.offsite.put(early, Samples.bytes)
        let future = await #expect(throws: Failure.self) {
            try await bench.backups.fetch(early.id, of: Self.environment, from: Self.store)
        }
        #expect(future?.message.contains("yet to come") == true)

        _ = try await verified(bench)
        try await bench.time.sleep(for: .seconds(3 * 86_400))
        _ = try await verified(bench)
        let last = try await verified(bench)
        _ = try await bench.backups.copyOffsite(last.id, to: Self.store)
        let policy = BackupRetention(keepDays: 1, keepLast: 1)
        _ = try await bench.backups.prune(Self.environment, by: policy, inUse: [])
        #expect(!bench.vault.dumps.contains(foreign.id))
        #expect(
            bench.offsite.backups.contains(foreign.id),
            "what another home has sent is not this one's to remove",
        )
    }

    @Test("counts in the store that it is in: neither in one that has moved, nor in one that is only named")
    func moved() async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        _ = try await bench.backups.copyOffsite(backup.id, to: Self.store)
        let copied = try await state(backup.id, bench)
        let typo = await #expect(throws: Failure.self) {
            try await copyDue(bench, to: StoreName("spacse"))
        }
        #expect(typo?.code == .notFound)
        #expect(
            try await state(backup.id, bench) == copied,
            "nothing is forgotten for a store that there is not",
        )

        bench.offsite.move()
        for fault in [ScriptedOffsiteStores.Fault.refused, .flipped] {
            bench.offsite.fail(fault)
            await #expect(throws: Failure.self) { try await copyDue(bench) }
            #expect(try await state(backup.id, bench) == copied, "it counts until there is another")
            #expect(try await copyDue(bench) == [], "it is not tried again at once")
            try await bench.time.sleep(for: .seconds(600))
        }
        bench.offsite.fail(nil)
        #expect(try await copyDue(bench) == [backup.id])
        #expect(bench.offsite.backups == [backup.id])
        #expect(try await state(backup.id, bench)?.address == "elsewhere")
    }

    @Test("stays when it is the last, also when the backup here has changed, and mends that")
    func lastHope() async throws {
        let bench = Bench()
        let backup = try await verified(bench)
        _ = try await bench.backups.copyOffsite(backup.id, to: Self.store)
        bench.vault.put(Array("rotten".utf8), for: backup.id)
        #expect(try await bench.backups.verify(backup.id).failure != nil)
        try await bench.time.sleep(for: .seconds(3 * 86_400))
        let newer = try await verified(bench)
        let policy = BackupRetention(keepDays: 1, keepLast: 1)
        let verdicts = try await bench.backups.prune(Self.environment, by: policy, inUse: [])
        #expect(verdicts.map(\.backup.id) == [newer.id, backup.id])
        #expect(verdicts.last?.reasons == [.lastOffsite] && bench.offsite.backups == [backup.id])
        _ = try await bench.backups.fetch(backup.id, of: Self.environment, from: Self.store)
        #expect(try await bench.backups.verify(backup.id).isVerified)
    }

    @Test(
        "goes with its backup, unless the store keeps it or does not answer; the last one there always stays"
    )
    func retention() async throws {
        let bench = Bench()
        var ids: [BackupID] = []
        for _ in 1...4 { ids.append(try await verified(bench).id) }
        for id in ids.prefix(3) { _ = try await bench.backups.copyOffsite(id, to: Self.store) }
        try await bench.time.sleep(for: .seconds(3 * 86_400))
        let policy = BackupRetention(keepDays: 1, keepLast: 1)
        bench.offsite.fail(.away)
        await #expect(throws: Failure.self) {
            try await bench.backups.prune(Self.environment, by: policy, inUse: [])
        }
        #expect(bench.vault.dumps == Set(ids), "nothing is forgotten that is still there")
        bench.offsite.fail(.kept)
        let verdicts = try await bench.backups.prune(Self.environment, by: policy, inUse: [])
        #expect(verdicts.first { $0.backup.id == ids[2] }?.reasons == [.lastOffsite])
        #expect(bench.vault.dumps == Set(ids.suffix(2)) && bench.offsite.backups == Set(ids.prefix(3)))

        bench.offsite.fail(nil)
        _ = try await bench.backups.copyOffsite(ids[3], to: Self.store)
        _ = try await bench.backups.prune(Self.environment, by: policy, inUse: [])
        #expect(bench.vault.dumps == [ids[3]] && bench.offsite.backups == [ids[0], ids[1], ids[3]])
    }

    @Test("keeps no room taken here when it never arrived, or its bucket is gone", arguments: [true, false])
    func vanished(hasArrived: Bool) async throws {
        let bench = Bench()
        let old = try await verified(bench)
        bench.offsite.fail(hasArrived ? nil : .away)
        _ = try? await bench.backups.copyOffsite(old.id, to: Self.store)  // Fails when the store is away.
        try await bench.time.sleep(for: .seconds(3 * 86_400))
        let new = try await verified(bench)
        bench.offsite.fail(nil)
        _ = try await bench.backups.copyOffsite(new.id, to: Self.store)
        bench.offsite.fail(hasArrived ? .gone : .away)
        let policy = BackupRetention(keepDays: 1, keepLast: 1)
        _ = try await bench.backups.prune(Self.environment, by: policy, inUse: [])
        #expect(bench.vault.dumps == [new.id])
    }

    @Test("in a store that nobody has added is asked for rarely")
    func unknown() async throws {
        let bench = Bench()
        _ = try await verified(bench)
        let typo = StoreName("spacse")
        await #expect(throws: Failure.self) { try await copyDue(bench, to: typo) }
        #expect(try await copyDue(bench, to: typo) == [])
        try await bench.time.sleep(for: .seconds(600))
        await #expect(throws: Failure.self) { try await copyDue(bench, to: typo) }
    }

    @Test("does not take the name of a backup that failed here")
    func taken() async throws {
        let bench = Bench()
        bench.server.change { $0.dump = { _ in throw Failure(.unreachable, "no server") } }
        _ = try? await bench.written()  // Is in the catalogue as failed, with nothing.
        let failed = try #require(try await bench.backups.list(Self.environment).first)
        let number = try #require(Int(failed.id.rawValue.dropFirst()))
        bench.offsite.put(
            Samples.backup(number, .dumped(Samples.content), .proven(Samples.drill)),
            Samples.bytes,
        )
        let failure = await #expect(throws: Failure.self) {
            try await bench.backups.fetch(failed.id, of: Self.environment, from: Self.store)
        }
        #expect(failure?.code == .conflict)
        #expect(try await bench.store.backup(failed.id) == failed && bench.vault.dumps.isEmpty)
    }
}
