// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Testing

@testable import RedisTools

@Suite("Restoring a Redis server", .serialized, .timeLimit(.minutes(10)))
struct RedisRestoreTests {
    private static let copy = Restores.copyName(for: "d7_x")
    private static let kept = Restores.keptName(by: "d7_x")

    private func prepared(_ bench: RedisBench) async throws -> Backup {
        try await bench.make("SET when then", "SET old 1")
        let backup = try await bench.create()
        try await bench.ask("SET when now")
        let found = try await bench.restores.prepare(backup.id, for: bench.target(), order: "d7_x").found
        #expect(found.rows == 2)
        return backup
    }

    @Test("keeps the application out, puts the keys in their place, and can be taken back")
    func wholeWay() async throws {
        try await RedisBench.with { bench in
            _ = try await prepared(bench)
            let target = bench.target()
            #expect(try await bench.ask("GET when") == "now")
            try await bench.restores.shut(target)
            #expect(try await bench.ask("GET when").contains("WRONGPASS"))
            // Also when the server, or the machine, is started again meanwhile.
            try await Supervisor().restart(bench.place().service)
            _ = try await bench.accessories.ensure(try await bench.specification())
            #expect(try await bench.ask("GET when").contains("WRONGPASS"))
            // The last backup is taken while it is shut.
            #expect(try await bench.create().content?.fingerprint.rows == 2)
            try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
            #expect(try await bench.ask("GET when") == "then")
            #expect(try await bench.ask("SET new 1") == "OK")
            // What was restored is in the server's own log.
            try await Supervisor().restart(bench.place().service)
            let isBack = try await Patience.wait(.seconds(60)) { try await bench.ask("DBSIZE") == "3" }
            #expect(isBack)
            #expect(try await bench.restores.kept(beside: target) == ["d7_x"])
            try await bench.restores.takeBack(target, copy: Self.copy, kept: Self.kept)
            #expect(try await bench.ask("GET when") == "now")
            #expect(try await bench.exchange.names(beside: target) == [])
        }
    }

    /// How far an exchange had come when the control plane ended.
    enum Moment: String, CaseIterable, Sendable {
        case prepared, shut, stopped, halfExchanged, bothRenamed, exchanged, halfTakenBack
    }

    @Test(
        "goes on or is taken back from wherever it was interrupted",
        arguments: Moment.allCases,
        [true, false],
    )
    func interrupted(at moment: Moment, goesOn: Bool) async throws {
        try await RedisBench.with { bench in
            _ = try await prepared(bench)
            let (target, place) = (bench.target(), bench.place())
            if moment != .prepared { try await bench.restores.shut(target) }
            if [.stopped, .halfExchanged, .bothRenamed].contains(moment) {
                // As an exchange begins.
                try DurableFile.write("", to: place.exchanging)
                try await Supervisor().stop(place.service)
            }
            if [.halfExchanged, .bothRenamed].contains(moment) {
                try Folder.rename(place.data, to: place.copy(Self.kept))
            }
            if moment == .bothRenamed { try Folder.rename(place.copy(Self.copy), to: place.data) }
            if moment == .exchanged {
                try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
            }
            if moment == .halfTakenBack {
                try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
                try DurableFile.write("", to: place.exchanging)
                try await Supervisor().stop(place.service)
                try Folder.rename(place.data, to: place.copy(Self.copy))
                if !goesOn { try Folder.rename(place.copy(Self.kept), to: place.data) }
            }
            // A control plane that starts meanwhile may make sure that the accessories are there, or not come to it.
            if moment == .shut { _ = try await bench.accessories.ensure(try await bench.specification()) }
            for _ in 1...2 {
                if goesOn {
                    try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
                } else {
                    try await bench.restores.takeBack(target, copy: Self.copy, kept: Self.kept)
                }
                #expect(try await bench.ask("GET when") == (goesOn ? "then" : "now"))
            }
            #expect(try await bench.exchange.names(beside: target) == (goesOn ? [Self.kept] : []))
        }
    }

    @Test("into another environment works with that one's own passwords")
    func elsewhere() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET when production")
            let backup = try await bench.create()
            try await bench.make("SET when staging", in: bench.other)
            let target = bench.target(in: bench.other)
            _ = try await bench.restores.prepare(backup.id, for: target, order: "d7_x")
            try await bench.restores.shut(target)
            try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
            #expect(try await bench.ask("GET when", in: bench.other) == "production")
            #expect(try await bench.ask("GET when") == "production")
            let masked = await #expect(throws: Failure.self) {
                _ = try await bench.restores.prepare(
                    backup.id,
                    for: target,
                    order: "d8_x",
                    masking: "DELETE FROM t",
                )
            }
            #expect(masked?.code == .invalid)
            let wrong = ScratchDatabase("data", beside: target)
            let dropped = await #expect(throws: Failure.self) { try await bench.dumps.drop(wrong) }
            #expect(dropped?.code == .conflict)
        }
    }

    @Test("over data that it can't read is refused and taken back, and works once it was given empty ones")
    func damaged() async throws {
        try await RedisBench.with { bench in
            let backup = try await prepared(bench)
            let (target, place) = (bench.target(), bench.place())
            try await Supervisor().stop(place.service)
            let log = "\(place.data)/appendonlydir"
            let base = try #require(try Folder.names(in: log).first { $0.hasSuffix(".base.rdb") })
            try DurableFile.write("REDIS0011 and nothing more", to: "\(log)/\(base)", mode: 0o644)
            let wanted = try await bench.specification()
            let down = await #expect(throws: Failure.self) { try await bench.accessories.ensure(wanted) }
            #expect(down?.code == .serviceExited)
            await #expect(throws: Failure.self) { try await bench.restores.shut(target) }
            try await bench.restores.takeBack(target, copy: Self.copy, kept: Self.kept)
            #expect(try await bench.exchange.names(beside: target) == [])
            // As docs/RESTORE.md says.
            try Folder.rename(place.data, to: "\(place.data).damaged")
            let owner = try await UnprivilegedAccount().ensure(AccountName(bench.environment, .data))
            try Folder.make(place.data, mode: 0o700)
            try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: place.data)
            _ = try await bench.accessories.ensure(wanted)
            _ = try await bench.restores.prepare(backup.id, for: target, order: "d7_x")
            try await bench.restores.shut(target)
            _ = try await bench.create()
            try await bench.restores.exchange(target, with: Self.copy, keeping: Self.kept)
            #expect(try await bench.ask("GET when") == "then")
        }
    }
}
