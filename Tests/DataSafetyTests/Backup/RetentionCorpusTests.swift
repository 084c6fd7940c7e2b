// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Testing

/// Other people's answers to the same question: 103 snapshots under policies that restic (BSD-2) decided.
@Suite("Which backups are kept, beside what restic keeps")
struct RetentionCorpusTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(5).reduce("") { "\($0)/\($1)" } + "/shared/corpus/sql/restic"

    /// A list of snapshots in restic's files.
    private struct Snapshots: Decodable {
        struct Snapshot: Decodable {
            let time: String
        }

        var snapshots: [Snapshot]?
        var keep: [Snapshot]?
    }

    @Test(
        "The policies that both know keep the same",
        .enabled(if: FileManager.default.fileExists(atPath: folder), "the corpus is not beside the project"),
        arguments: [
            (1, 0, 10), (2, 0, 15), (3, 0, 99), (4, 0, 200), (21, 1, 0), (22, 2, 0), (23, 7, 0),
        ],
    )
    func same(golden: Int, keepDays: Int, keepLast: Int) throws {
        let all = try Self.times("policy_inputs.json").snapshots ?? []
        let expected = try Self.times("golden/policy_keep_snapshots_\(golden)").keep ?? []
        let dates = try all.map { try Self.date($0.time) }
        let backups = dates.enumerated()
            .map { number, date in
                Samples.backup(number, at: date, .dumped(Samples.content), .proven(Samples.drill))
            }
        let verdicts = BackupRetention(keepDays: keepDays, keepLast: keepLast)
            .verdicts(on: backups, at: try #require(dates.max()))
        let kept = verdicts.filter(\.isKept).map(\.backup.startedAt)
        #expect(kept == (try expected.map { try Self.date($0.time) }).sorted(by: >))
        #expect(!kept.isEmpty)
    }

    @Test(
        "So do those of days, weeks and months",
        .enabled(if: FileManager.default.fileExists(atPath: folder), "the corpus is not beside the project"),
        arguments: [
            (6, 0, [.day: 3]), (7, 0, [.day: 10]), (8, 0, [.day: 30]), (9, 5, [.day: 5]),
            (10, 2, [.day: 10]),
            (11, 0, [.week: 2]), (12, 0, [.week: 4]), (13, 0, [.day: 3, .week: 4]), (14, 0, [.month: 6]),
            (15, 0, [.day: 2, .week: 2, .month: 6]),
        ] as [(Int, Int, [BackupPeriod: Int])],
    )
    func periods(golden: Int, keepLast: Int, periods: [BackupPeriod: Int]) throws {
        let all = try Self.times("policy_inputs.json").snapshots ?? []
        let expected = try Self.times("golden/policy_keep_snapshots_\(golden)").keep ?? []
        let backups = try all.enumerated()
            .map { number, snapshot in
                Samples.backup(
                    number,
                    at: try Self.date(snapshot.time),
                    .dumped(Samples.content),
                    .proven(Samples.drill),
                )
            }
        let verdicts = BackupRetention(keepDays: 0, keepLast: keepLast, periods: periods)
            .verdicts(on: backups, at: Date(timeIntervalSince1970: 1_600_000_000))
        let kept = verdicts.filter(\.isKept).map(\.backup.startedAt)
        #expect(kept == (try expected.map { try Self.date($0.time) }).sorted(by: >))
    }

    private static func times(_ file: String) throws -> Snapshots {
        let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))
        return try JSONDecoder().decode(Snapshots.self, from: bytes)
    }

    /// `2014-08-13 10:20:30.1` or `2014-08-13T10:20:30.1Z`.
    private static func date(_ text: String) throws -> Date {
        let parts = text.replacing("T", with: " ").replacing("Z", with: "").split(separator: ".")
        let whole = try Date("\(parts[0].replacing(" ", with: "T"))Z", strategy: .iso8601)
        let fraction = parts.count > 1 ? Double("0.\(parts[1])") ?? 0 : 0
        return whole.addingTimeInterval(fraction)
    }
}
