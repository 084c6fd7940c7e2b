// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Manifest
import Testing

@Suite("When a backup is due")
struct BackupTimetableTests {
    private static let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

    private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    private func table(_ schedule: String = "0 2 * * *", jitter: TimeInterval = 0) throws -> BackupTimetable {
        BackupTimetable(try CronSchedule(schedule), in: .gmt, jitter: jitter)
    }

    private func backup(
        _ text: String,
        failed: Bool = false,
        because reason: BackupReason = .schedule,
    ) throws -> Backup {
        let at = try date(text)
        var backup = Backup(id: BackupID("b1"), of: Samples.database, because: reason, at: at)
        if failed {
            try backup.apply(.dumpFailed(Failure(.diskFull, "full")), at: at)
        } else {
            try backup.apply(.dumped(Samples.content), at: at)
        }
        return backup
    }

    @Test("Once for each moment, however late, and not for those before there was anything")
    func once() throws {
        let table = try table()
        let began = try date("2026-11-20T10:00:00Z")
        #expect(!table.isDue([], since: began, at: try date("2026-11-20T23:00:00Z")))
        #expect(!table.isDue([], since: began, at: try date("2026-11-21T01:59:59Z")))
        #expect(table.isDue([], since: began, at: try date("2026-11-21T02:00:00Z")))
        // The machine was down for three days: one backup makes up for all of them.
        let late = try date("2026-11-24T17:00:00Z")
        #expect(table.isDue([], since: began, at: late))
        let made = try backup("2026-11-24T17:00:00Z")
        #expect(!table.isDue([made], since: began, at: late.addingTimeInterval(60)))
        #expect(table.isDue([made], since: began, at: try date("2026-11-25T02:00:00Z")))
    }

    @Test("A backup that somebody asked for, or a deployment took, does not stand for it")
    func others() throws {
        let now = try date("2026-11-21T02:30:00Z")
        let asked = try backup("2026-11-21T02:10:00Z", because: .command(by: "ada"))
        #expect(try table().isDue([asked], since: .distantPast, at: now))
    }

    @Test("One that failed is tried again, at growing intervals, five times at most")
    func retries() throws {
        let table = try table()
        var failed = [try backup("2026-11-21T02:00:00Z", failed: true)]
        #expect(!table.isDue(failed, since: .distantPast, at: try date("2026-11-21T02:09:59Z")))
        #expect(table.isDue(failed, since: .distantPast, at: try date("2026-11-21T02:10:00Z")))
        failed.append(try backup("2026-11-21T02:10:00Z", failed: true))
        #expect(!table.isDue(failed, since: .distantPast, at: try date("2026-11-21T02:29:59Z")))
        #expect(table.isDue(failed, since: .distantPast, at: try date("2026-11-21T02:30:00Z")))
        failed += try ["02:30", "03:10", "04:30"].map { try backup("2026-11-21T\($0):00Z", failed: true) }
        #expect(!table.isDue(failed, since: .distantPast, at: try date("2026-11-21T23:00:00Z")))
        #expect(table.isDue(failed, since: .distantPast, at: try date("2026-11-22T02:00:00Z")))
        #expect(
            !table.isDue(
                failed + [try backup("2026-11-22T02:00:00Z")],
                since: .distantPast,
                at: try date("2026-11-22T03:00:00Z"),
            )
        )
    }

    @Test("A jitter moves every moment by the same seconds")
    func jitter() throws {
        let table = try table(jitter: 200)
        #expect(table.isDue([], since: .distantPast, at: try date("2026-11-21T02:03:19Z")))
        let yesterday = try backup("2026-11-20T02:03:20Z")
        #expect(!table.isDue([yesterday], since: .distantPast, at: try date("2026-11-21T02:03:19Z")))
        #expect(table.isDue([yesterday], since: .distantPast, at: try date("2026-11-21T02:03:20Z")))
    }

    @Test("One that was made when the clock was years ahead stands for nothing")
    func clock() throws {
        let ahead = try backup("2031-11-24T02:00:00Z")
        #expect(try table().isDue([ahead], since: .distantPast, at: try date("2026-11-23T12:00:00Z")))
    }

    @Test(
        "goes by the clocks of a place, through the hours that they skip or show twice",
        arguments: [
            ("0 2 * * *", "2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"),
            ("0 2 * * *", "2026-12-01T00:59:00Z", "2026-11-30T01:00:00Z"),
            // Clocks go from 2:00 to 3:00 on 29 March 2026: 2:30 is not there.
            ("30 2 * * *", "2026-03-29T12:00:00Z", "2026-03-29T01:30:00Z"),
            // And from 3:00 back to 2:00 on 25 October 2026: 2:30 is there twice, and meant once.
            ("30 2 * * *", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("0 0 29 2 *", "2026-11-21T12:00:00Z", "2024-02-28T23:00:00Z"),
            ("15,45 6-8 * * 1", "2026-11-21T12:00:00Z", "2026-11-16T07:45:00Z"),
        ],
    )
    func zones(_ schedule: String, _ now: String, _ expected: String) throws {
        let found = try CronSchedule(schedule).latest(upTo: try date(now), in: Self.berlin)
        #expect(found == (try date(expected)))
    }
}
