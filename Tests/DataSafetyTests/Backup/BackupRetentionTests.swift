// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Manifest
import TestSupport
import Testing

@Suite("Which backups are kept")
struct BackupRetentionTests {
    /// One row: a history from the newest to the oldest, a policy, and what is kept of it.
    ///
    /// A history is written as kind and age in days: `v3` verified, `w3` written, `f3` failed with content,
    /// `n3` failed with nothing, `s0` being made.
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let history: String
        let days: Int
        let last: Int
        var inUse: Set<Int> = []
        let kept: String

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(
            name: "young ones are kept, old ones beyond the count go",
            history: "v1 v10 v40 v50 v60",
            days: 30,
            last: 3,
            kept: "v1 v10 v40",
        ),
        Row(
            name: "age alone keeps more than the count",
            history: "v1 v2 v3 v4",
            days: 30,
            last: 2,
            kept: "v1 v2 v3 v4",
        ),
        Row(
            name: "the count alone keeps old ones",
            history: "v100 v200 v300",
            days: 30,
            last: 2,
            kept: "v100 v200",
        ),
        Row(
            name: "the last verified stays under an empty policy",
            history: "w0 v100 v200",
            days: 0,
            last: 0,
            kept: "v100",
        ),
        Row(
            name: "unverified ones don't count",
            history: "w31 w32 f33 v40 v50",
            days: 30,
            last: 2,
            kept: "v40 v50",
        ),
        Row(
            name: "failed ones don't push good ones out",
            history: "f1 f2 f3 n4 v100",
            days: 30,
            last: 1,
            kept: "f1 f2 f3 n4 v100",
        ),
        Row(name: "old failures go", history: "v1 f40 n50", days: 30, last: 10, kept: "v1"),
        Row(
            name: "without any verified the newest with content stays",
            history: "n40 w50 w60",
            days: 30,
            last: 10,
            kept: "w50",
        ),
        Row(name: "failed content is better than none", history: "n40 f50", days: 30, last: 10, kept: "f50"),
        Row(name: "one that is being made stays", history: "s90 v1", days: 30, last: 1, kept: "s90 v1"),
        Row(
            name: "one in use stays",
            history: "v1 v2 v100 v200",
            days: 30,
            last: 1,
            inUse: [200],
            kept: "v1 v2 v200",
        ),
        Row(name: "exactly the age is old", history: "v1 v2 v30", days: 30, last: 1, kept: "v1 v2"),
        Row(name: "from the future is young", history: "v-5 w-2", days: 30, last: 0, kept: "v-5 w-2"),
        Row(
            name: "from the future takes no other one's place",
            history: "v-400 v1 v2 v3",
            days: 0,
            last: 2,
            kept: "v-400 v1 v2",
        ),
        Row(
            name: "from the future is not the only one that stays",
            history: "v-400 w1 v2 v3",
            days: 0,
            last: 0,
            kept: "v-400 v2",
        ),
        Row(
            name: "a clock that has leapt is not believed on the word of what was made since",
            history: "v0 w0 v200 v201 v210 v225 v230",
            days: 30,
            last: 1,
            kept: "v0 w0 v200 v201 v210",
        ),
        Row(
            name: "a day later it is",
            history: "v0 v1 v200 v201 v210",
            days: 30,
            last: 1,
            kept: "v0 v1",
        ),
        Row(
            name: "what is not proven does not profit",
            history: "v0 w40 v50",
            days: 30,
            last: 1,
            kept: "v0 v50",
        ),
        Row(name: "negative numbers are none", history: "v1 v2", days: -3, last: -3, kept: "v1"),
        Row(name: "nothing is nothing", history: "", days: 30, last: 10, kept: ""),
    ]

    @Test("The policy decides", arguments: rows)
    func table(row: Row) {
        let backups = Self.history(row.history)
        let verdicts = BackupRetention(keepDays: row.days, keepLast: row.last)
            .verdicts(
                on: backups.shuffled(),
                inUse: Set(row.inUse.map { BackupID("b\(1000 - $0)") }),
                at: Samples.start,
            )
        let kept = Set(verdicts.filter(\.isKept).map(\.backup.id))
        let expected = Set(Self.history(row.kept).map(\.id))
        #expect(kept == expected)
        #expect(verdicts.count == backups.count)
        #expect(verdicts.map(\.backup.startedAt) == verdicts.map(\.backup.startedAt).sorted(by: >))
    }

    @Test("Whatever is removed in whatever order, the last verified of each database never is")
    func invariant() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let kinds = "vwfns"
            let history = (0..<Int.random(in: 1...25, using: &generator))
                .map { _ in
                    "\(kinds.randomElement(using: &generator) ?? "v")\(Int.random(in: -3...400, using: &generator))"
                }
            let backups = Self.history(Set(history).sorted().joined(separator: " "))
            let policy = BackupRetention(
                keepDays: Int.random(in: 0...60, using: &generator),
                keepLast: Int.random(in: 0...5, using: &generator),
            )
            var left = backups
            // Applied again and again, as time goes on.
            for day in stride(from: 0.0, through: 500, by: 100) {
                let verdicts = policy.verdicts(on: left, at: Samples.start.addingTimeInterval(day * 86_400))
                left = verdicts.filter(\.isKept).map(\.backup)
            }
            let newest = backups.filter(\.isVerified).map(\.startedAt).max()
            #expect(left.filter(\.isVerified).map(\.startedAt).max() == newest)
            #expect(left.contains { $0.content != nil } == backups.contains { $0.content != nil })
        }
    }

    @Test("Databases don't share a count")
    func databases() {
        let other = DatabaseTarget(Samples.environment, Samples.accessory, "other")
        let backups = [
            Samples.backup(1, at: Self.date(40), .dumped(Samples.content), .proven(Samples.drill)),
            Samples.backup(
                2,
                of: other,
                at: Self.date(50),
                .dumped(Samples.content),
                .proven(Samples.drill),
            ),
            Samples.backup(
                3,
                of: other,
                at: Self.date(60),
                .dumped(Samples.content),
                .proven(Samples.drill),
            ),
            Samples.backup(
                4,
                of: other,
                at: Self.date(95),
                .dumped(Samples.content),
                .proven(Samples.drill),
            ),
        ]
        let verdicts = BackupRetention(keepDays: 30, keepLast: 1).verdicts(on: backups, at: Samples.start)
        #expect(verdicts.map(\.isKept) == [true, true, true, false])
    }

    @Test("Every reason is told")
    func reasons() {
        let backups = Self.history("v1 v2")
        let verdicts = BackupRetention(BackupManifest(keepDays: 30, keepLast: 1))
            .verdicts(on: backups, inUse: [backups[0].id], at: Samples.start)
        #expect(
            verdicts[0].reasons.map(\.description) == [
                "in use", "the last verified", "one of the last 1 verified", "younger than 30 days",
            ]
        )
        #expect(verdicts[1].reasons.map(\.description) == ["younger than 30 days"])
        #expect(RetentionVerdict.Reason.unfinished.description == "being made")
        #expect(RetentionVerdict.Reason.nothingVerified.description == "the newest, and none is verified")
    }

    @Test("Of two made in the same second the later number is the newer one")
    func sameSecond() {
        let backups = [9, 10]
            .map {
                Samples.backup($0, at: Self.date(50), .dumped(Samples.content), .proven(Samples.drill))
            }
        let verdicts = BackupRetention(keepDays: 0, keepLast: 1).verdicts(on: backups, at: Samples.start)
        #expect(verdicts.filter(\.isKept).map(\.backup.id) == [BackupID("b10")])
    }

    private static func date(_ days: Int) -> Date { Samples.start.addingTimeInterval(Double(-days) * 86_400) }

    private static func history(_ text: String) -> [Backup] {
        text.split(separator: " ")
            .map { entry in
                let age = Int(entry.dropFirst()) ?? 0
                let number = 1000 - age
                switch entry.first {
                case "v":
                    return Samples.backup(
                        number,
                        at: date(age),
                        .dumped(Samples.content),
                        .proven(Samples.drill),
                    )
                case "w": return Samples.backup(number, at: date(age), .dumped(Samples.content))
                case "f":
                    return Samples.backup(
                        number,
                        at: date(age),
                        .dumped(Samples.content),
                        .disproved(Samples.failure),
                    )
                case "n": return Samples.backup(number, at: date(age), .dumpFailed(Samples.failure))
                default: return Samples.backup(number, at: date(age))
                }
            }
    }

    @Test(
        "The newest of each day, week and month is kept by the clocks of its place, and for how long is said"
    )
    func periods() throws {
        // Half past eleven in Greenwich on the last of October is the first of November in Berlin.
        let moments = [
            "2026-11-02T12:00:00Z", "2026-11-02T09:00:00Z", "2026-10-31T23:30:00Z", "2026-10-31T22:30:00Z",
            "2026-10-25T12:00:00Z", "2026-09-30T12:00:00Z",
        ]
        let backups = try moments.enumerated()
            .map { number, text in
                Samples.backup(
                    10 - number,
                    at: try Date(text, strategy: .iso8601),
                    .dumped(Samples.content),
                    .proven(Samples.drill),
                )
            }
        func kept(_ periods: [BackupPeriod: Int], _ zone: String) throws -> [Int] {
            let zone = try #require(TimeZone(identifier: zone))
            let verdicts = BackupRetention(keepDays: 0, keepLast: 0, periods: periods, zone: zone)
                .verdicts(on: backups, at: try Date("2027-06-01T00:00:00Z", strategy: .iso8601))
            return verdicts.enumerated().filter(\.element.isKept).map(\.offset)
        }
        #expect(try kept([.day: 2], "UTC") == [0, 2])
        #expect(try kept([.day: 3], "UTC") == [0, 2, 4])
        #expect(try kept([.day: 3], "Europe/Berlin") == [0, 2, 3])
        #expect(try kept([.week: 3], "UTC") == [0, 2, 4])
        #expect(try kept([.month: 3], "UTC") == [0, 2, 5])
        #expect(try kept([.month: 3], "Europe/Berlin") == [0, 3, 5])
        let reasons =
            BackupRetention(keepDays: 0, keepLast: 0, periods: [.day: 1, .month: 1])
            .verdicts(on: backups, at: .distantFuture)[0]
            .reasons
        #expect(
            reasons.map(\.description) == [
                "the last verified", "the newest of its day", "the newest of its month",
            ]
        )
    }
}
