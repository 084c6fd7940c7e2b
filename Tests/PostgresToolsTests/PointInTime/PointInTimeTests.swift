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

@Suite("Going back to a moment of a real server", .serialized, .timeLimit(.minutes(10)))
struct PointInTimeTests {
    @Test(
        "is possible for any moment since the first base backup, also of one in which nothing happened, and for no other"
    )
    func anyMoment() async throws {
        try await ArchiveBench.with { bench in
            try await bench.tend()
            let needs = try await bench.pointInTime.needsBase(bench.database.target)
            #expect(needs)
            let early = try await bench.moment()
            let nothing = await #expect(throws: Failure.self) {
                try await bench.pointInTime.backup(bench.database.target, asOf: early, by: "a test")
            }
            #expect(nothing?.hint?.contains("wait for the first base backup") == true)
            let base = try await bench.base()
            #expect(base.isVerified, "\(base.failure.map(String.init(describing:)) ?? "")")
            #expect(base.drill.map { $0.rows > 500 } == true)
            try await bench.tend()
            let stillNeeds = try await bench.pointInTime.needsBase(bench.database.target)
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
            #expect(try Folder.names(in: LogReceiver.received(bench.folder)).count <= 2)
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
            let needs = try await bench.pointInTime.needsBase(bench.database.target)
            #expect(needs)
            try await bench.base()
            try await bench.tend()
            let now = try await bench.moment()
            try await bench.tend()
            #expect(try await bench.rows(asOf: now) == 9)
            // What came before the gap leads nowhere, but is kept as long as its base backup is.
            #expect(try await bench.vault.segments(of: bench.target).contains(try #require(archived.first)))
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
            #expect(bench.pointInTime.problem(of: bench.database.target)?.code == .unreachable)
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
            #expect(bench.pointInTime.problem(of: bench.database.target) == nil)
            let needs = try await bench.pointInTime.needsBase(bench.database.target)
            #expect(needs)
            // Until the tear everything is as it was.
            #expect(try await bench.rows(asOf: before) == 1)
            try await bench.base()
            try await bench.tend()
            let after = try await bench.moment()
            try await bench.tend()
            #expect(try await bench.rows(asOf: after) == 5)
            #expect(try await bench.pointInTime.windows(of: bench.database.target).count == 2)
        }
    }

    @Test(
        "ends with the word in opshub.yml: the server keeps nothing for anybody then, and begins anew with it"
    )
    func off() async throws {
        try await ArchiveBench.with { bench in
            let slots = "SELECT count(*) FROM pg_replication_slots"
            #expect(try await bench.cluster.value("postgres", slots) == "1")
            var plain = bench.cluster.accessory
            plain.manifest.archive = nil
            _ = try await bench.cluster.home.ensure(plain)
            #expect(try await bench.cluster.value("postgres", slots) == "0")
            #expect(!Folder.exists(bench.folder.receiver))
            _ = try await bench.cluster.home.ensure(bench.cluster.accessory)
            _ = try await bench.cluster.home.ensure(bench.cluster.accessory)
            #expect(try await bench.cluster.value("postgres", slots) == "1")
            try await bench.tend()
        }
    }
}
