// SPDX-License-Identifier: Apache-2.0
import Core
import TestSupport
import Testing

@testable import DataSafety

@Suite("Migrations that are taken up, down and up again")
struct MigrationVerifierTests {
    private typealias Script = ScriptedEmptyDatabase.Script

    private func report(_ scripts: Script..., drift: [String]? = nil) async throws -> VerificationReport {
        try await MigrationVerifier(database: ScriptedEmptyDatabase(scripts, drift: drift)).report()
    }

    @Test("are clean when they leave nothing behind and do the same again")
    func clean() async throws {
        let report = try await report(Script("1"), Script("2", after: "1", isHead: true), drift: [])
        #expect(report.entries.map(\.findings) == [[], []])
        #expect(report.isGood)
    }

    @Test(
        "are applied in one run too, as a deployment does: what fails or is otherwise there is told, and is no pass"
    )
    func inOneRun() async throws {
        let scripts = [Script("1"), Script("2", after: "1"), Script("3", after: "2", isHead: true)]
        let failing = ScriptedEmptyDatabase(scripts) { _ in
            throw Failure(.migrationFailed, "unsafe use of new value \"late\" of enum type state")
        }
        var report = try await MigrationVerifier(database: failing).report()
        #expect(report.entries.map(\.findings) == [[], [], []])
        #expect(report.inOneRun?.first?.contains("unsafe use of new value") == true && !report.isGood)
        #expect(report.general == report.inOneRun)

        let other = ScriptedEmptyDatabase(scripts) { $0["TABLE 3"] = "old" }
        report = try await MigrationVerifier(
            database: other,
            wanted: [MigrationRevision("2"), MigrationRevision("3")],
        )
        .report()
        #expect(report.inOneRun?.first?.hasSuffix("than one by one: TABLE 3") == true && !report.isGood)

        // From where the database is first, and from nothing.
        let verifier = MigrationVerifier(
            database: failing,
            pending: [MigrationRevision("2"), MigrationRevision("3")],
        )
        report = try await verifier.report()
        #expect(report.inOneRun?.map { $0.contains("after 1") } == [true, false])

        // One by itself is applied in one run already.
        report = try await MigrationVerifier(database: other, wanted: [MigrationRevision("3")]).report()
        #expect(report.inOneRun == nil && report.isGood)
    }

    @Test("are named with what they leave behind, take too much of, or do otherwise the second time")
    func mistakes() async throws {
        let report = try await report(
            Script("1"),
            Script(
                "2",
                after: "1",
                up: { schema, _ in
                    guard schema["TYPE mood"] == nil else { throw Failure(.migrationFailed, "it is there") }
                    (schema["TYPE mood"], schema["TABLE 2"]) = ("enum", "new")
                },
            ),
            Script(
                "3",
                after: "2",
                down: { schema in
                    (schema["TABLE 3"], schema["TABLE 1"], schema["TABLE 2"]) = (nil, nil, "old")
                },
            ),
            Script("4", after: "3", isHead: true, up: { schema, times in schema["TABLE 4"] = "\(times)" }),
        )
        #expect(
            report.entries.map(\.findings) == [
                [], [.leavesBehind(["TYPE mood"]), .doesNotApplyAgain("it is there")],
                [
                    .doesNotRestore(["TABLE 1 is gone", "TABLE 2 is another one"]),
                    .appliesOtherwise(["TABLE 1", "TABLE 2"]),
                ],
                [.appliesOtherwise(["TABLE 4"])],
            ]
        )
        #expect(!report.isGood)
    }

    @Test(
        "show what they do to rows from the last one on that is applied: what is lost is told, and there again for the next"
    )
    func rows() async throws {
        let asked = Noted<String>()
        let scripts = [
            Script("1"), Script("2", after: "1"),
            Script(
                "3",
                after: "2",
                down: { schema in (schema["TABLE 3"], schema["ROWS b7"]) = (nil, nil) },
            ),
            Script(
                "4",
                after: "3",
                isHead: true,
                up: { schema, _ in
                    guard schema["ROWS b7"] == nil else { throw Failure(.migrationFailed, "duplicates") }
                    schema["TABLE 4"] = "new"
                },
            ),
        ]
        let sample = RowSample(
            source: "b7",
            encoding: "UTF8",
            feed: DumpFeed { sink in
                asked.add("read")
                try await sink(Array("rows".utf8))
            },
        )
        let told = Noted<[Int]>()
        let report = try await MigrationVerifier(
            database: ScriptedEmptyDatabase(scripts),
            rows: .init(sample: sample, since: MigrationRevision("2")),
            told: { told.add([$0, $1]) },
        )
        .report()
        #expect(told.all == [[0, 4], [1, 4], [2, 4], [3, 4]])
        #expect(
            report.entries.map(\.findings) == [
                [], [], [.losesRows(["public.ROWS b7.a"])], [.failsOnRows("duplicates")],
            ]
        )
        #expect(report.isGood && report.rows == SampledRows(source: "b7", rows: 1, tables: 1))
        #expect(asked.all == ["read", "read"])
        let without = try await MigrationVerifier(database: ScriptedEmptyDatabase(Array(scripts.prefix(2))))
            .report()
        #expect(without.rows == nil)
    }

    @Test("are held to their word that they keep data, where rows are there to show it")
    func word() async throws {
        let scripts = [
            Script("1", keepsData: true),
            Script(
                "2",
                after: "1",
                keepsData: true,
                down: { schema in (schema["TABLE 2"], schema["ROWS b7"]) = (nil, nil) },
            ),
            Script(
                "3",
                after: "2",
                isHead: true,
                keepsData: true,
                down: { _ in throw Failure(.invalid, "no way back") },
            ),
        ]
        let sample = RowSample(
            source: "b7",
            encoding: "UTF8",
            feed: DumpFeed { try await $0(Array("rows".utf8)) },
        )
        let report = try await MigrationVerifier(
            database: ScriptedEmptyDatabase(scripts),
            rows: .init(sample: sample, since: MigrationRevision("1")),
        )
        .report()
        #expect(
            report.entries.map(\.findings) == [
                [],
                [.losesRows(["public.ROWS b7.a"]), .breaksItsWord("loses some")],
                [.irreversible("no way back"), .breaksItsWord("can't be taken back")],
            ]
        )
        #expect(!report.isGood)
        let without = try await MigrationVerifier(database: ScriptedEmptyDatabase(Array(scripts.prefix(2))))
            .report()
        #expect(without.entries.map(\.findings) == [[.unshownWord], [.unshownWord]])
        #expect(without.entries.allSatisfy { !$0.findings.contains(where: \.isMistake) })
    }

    @Test("are told of where they are wanted, and the others only applied, unless one does not")
    func wanted() async throws {
        let scripts = [
            Script("1", down: { _ in throw Failure(.invalid, "nobody may ask for this") }),
            Script("2", after: "1"),
            Script("3", after: "2", isHead: true, down: { _ in }),
        ]
        let database = ScriptedEmptyDatabase(scripts)
        let report = try await MigrationVerifier(database: database, wanted: [MigrationRevision("3")])
            .report()
        #expect(report.entries.map(\.migration.id.rawValue) == ["3"])
        #expect(report.entries.first?.findings == [.leavesBehind(["TABLE 3"])])
        #expect(report.heads.map(\.rawValue) == ["3"])
        #expect(database.applied.count == 3)

        let broken =
            [Script("1", up: { _, _ in throw Failure(.migrationFailed, "no") })] + scripts.dropFirst()
        let other = try await MigrationVerifier(
            database: ScriptedEmptyDatabase(broken),
            wanted: [MigrationRevision("3")],
        )
        .report()
        #expect(other.entries.map(\.findings) == [[.doesNotApply("no")], [.notReached], [.notReached]])
    }

    @Test("that can't be taken back, or change nothing, are told and no mistake")
    func remarks() async throws {
        let database = ScriptedEmptyDatabase([
            Script("1", down: { _ in throw Failure(.invalid, "no way back") }),
            Script("2", after: "1", up: { _, _ in }, down: { _ in }),
            Script("3", after: "2", isHead: true, down: { _ in throw Failure(.migrationFailed, "no") }),
        ])
        let report = try await MigrationVerifier(database: database).report()
        #expect(
            report.entries.map(\.findings)
                == [[.irreversible("no way back")], [.changesNothing], [.irreversible("no")]]
        )
        #expect(report.isGood)
        // Once at first, once after a way back that failed half-way, and once for all of them in one run.
        #expect(database.timesBegun == 3)
    }

    @Test("are not reached behind one that does not apply, and others are")
    func broken() async throws {
        let half: @Sendable (inout [String: String], Int) throws -> Void = { schema, _ in
            schema["TABLE half"] = "there"
            throw Failure(.migrationFailed, "no such column")
        }
        let report = try await report(
            Script("1"),
            Script("a", after: "1", up: half),
            Script("b", after: "a", isHead: true),
            Script("c", after: "1", isHead: true),
            drift: ["never asked"],
        )
        #expect(
            report.entries.map(\.findings)
                == [[], [.doesNotApply("no such column")], [.notReached], []]
        )
        #expect(report.drift == nil && !report.isGood)
    }

    @Test("of branches are not taken back beside each other, nor merges; several heads are a mistake")
    func branches() async throws {
        let merged = try await report(
            Script("1"),
            Script("a", after: "1"),
            Script("b", after: "1"),
            Script("m", after: "a", "b", isHead: true, up: { _, _ in }, down: { _ in }),
        )
        #expect(
            merged.entries.map(\.findings)
                == [[], [], [.notTakenBack], [.changesNothing, .notTakenBack]]
        )
        #expect(merged.isGood)
        let open = try await report(
            Script("1"),
            Script("a", after: "1", isHead: true),
            Script("b", after: "1", isHead: true),
        )
        #expect(open.heads.map(\.rawValue) == ["a", "b"])
        #expect(!open.isGood)
    }

    @Test("prove nothing when there are none, and models that differ are a mistake")
    func nothing() async throws {
        #expect(try await !report().isGood)
        #expect(try await !report(Script("1", isHead: true), drift: ["a column is missing"]).isGood)
    }
}
