// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import DataSafety

@Suite("What serves, on a schema that changes")
struct CompatibilityJudgeTests {
    private static let notes = SchemaChanges.Place("public.shipments", "notes")

    private func sentences(
        _ changes: SchemaChanges,
        _ queries: [String] = [],
        observed: Duration = .seconds(90_000),
        isWhole: Bool = true,
        untried: [Int] = [],
        broken: [BrokenQuery] = [],
    ) -> [String] {
        let record = QueryRecord(
            release: "r2",
            observed: observed,
            isWhole: isWhole,
            queries: queries.map { RecordedQuery($0, calls: 4) },
        )
        let judge = CompatibilityJudge(
            tables: ["public.shipments": TableStatistics(size: ByteCount(1), rows: 1, hasRows: false)],
            evidence: .tried(QueryTrial(record: record, untried: untried)),
        )
        let migration = PendingMigration(id: MigrationRevision("0002"), title: "")
        return
            judge.findings(
                in: MigrationTrace(migration: migration, changes: changes, broken: broken, working: 1)
            )
            .map(\.sentence)
    }

    @Test(
        "Without a record its files are looked at: one that names a column and its table uses it, as far as anybody can tell",
        arguments: [
            (nil, .breaksRelease, "and what serves may use it"),
            ([], .breaksRelease, "and what serves may use it (no file of it has the word notes)"),
            (
                ["a.py"], .breaksRelease,
                "and what serves may use it (a.py has the word notes, none with shipments)",
            ),
            (
                ["a.py", "b.py", "c.py"], .breaksRelease,
                "and what serves may use it (a.py and 2 more files have the word notes, none with shipments)",
            ),
            (
                ["a.py", "model.py"], .breaksCode,
                "and what serves uses it as it seems (model.py has the words shipments and notes)",
            ),
            (
                ["a.py", "model.py", "other.py"], .breaksCode,
                "and what serves uses it as it seems (model.py and 1 more file have the words shipments and notes)",
            ),
        ] as [([String]?, MigrationVerdict.Hazard, String)],
    )
    func byFiles(files: [String]?, hazard: MigrationVerdict.Hazard, words: String) {
        let judge = CompatibilityJudge(
            tables: [:],
            evidence: .none("nobody recorded any"),
            files: files.map { ["notes": $0, "shipments": ["model.py", "other.py"]] },
        )
        let migration = PendingMigration(id: MigrationRevision("0002"), title: "")
        let trace = MigrationTrace(migration: migration, changes: SchemaChanges(gone: [Self.notes]))
        let found = judge.findings(in: trace)
        #expect(found.map(\.hazard) == [hazard])
        let expected = "\(words); its queries are not known: nobody recorded any"
        #expect(found.map(\.sentence) == ["public.shipments.notes is gone, \(expected)"])
    }

    @Test("A file that names a table uses it, until nobody was seen to for a day")
    func byFilesAndQueries() {
        func found(observed: Duration) -> [MigrationVerdict.Finding] {
            let queries = [RecordedQuery("SELECT id FROM other", calls: 4)]
            let record = QueryRecord(release: "r2", observed: observed, queries: queries)
            let judge = CompatibilityJudge(
                tables: ["public.other": TableStatistics(size: ByteCount(1), rows: 1, hasRows: false)],
                evidence: .tried(QueryTrial(record: record, untried: [])),
                files: ["shipments": ["model.py"]],
            )
            let gone = SchemaChanges(gone: [SchemaChanges.Place("public.shipments")])
            let migration = PendingMigration(id: MigrationRevision("0002"), title: "")
            return judge.findings(in: MigrationTrace(migration: migration, changes: gone, working: 1))
        }
        let early = found(observed: .seconds(7200))
        #expect(early.map(\.hazard) == [.breaksCode])
        #expect(
            early.first?.sentence
                == "public.shipments is gone, and what serves uses it as it seems (model.py has the word shipments): nothing that was recorded does, but that is of 2h 00m only, and a day is wanted"
        )
        #expect(found(observed: .seconds(90_000)).isEmpty)
    }

    @Test("What no query has used for a day is not used, and may go")
    func unused() {
        let gone = SchemaChanges(gone: [Self.notes])
        #expect(sentences(gone, ["SELECT id FROM shipments"]) == [])
        let early = sentences(gone, ["SELECT id FROM shipments"], observed: .seconds(7200))
        #expect(
            early == [
                "public.shipments.notes is gone, and what serves may use it: nothing that was recorded does, but that is of 2h 00m only, and a day is wanted"
            ]
        )
        #expect(
            sentences(gone, ["SELECT 1"], isWhole: false).first?.hasSuffix("the server has forgotten some")
                == true
        )
        #expect(sentences(gone, []).count == 1)
        let untried = sentences(gone, ["COPY shipments (Notes) TO STDOUT", "SELECT 1"], untried: [0])
        #expect(untried == ["public.shipments.notes is gone, and a query that could not be tried names it"])
        let other = ["SELECT interval $1, footnotes", "SELECT id FROM shipments"]
        #expect(sentences(gone, other, untried: [0]) == [])
        // What fails without it is told by that alone, and never called unused besides.
        let select = RecordedQuery("SELECT notes FROM shipments", calls: 4)
        let failing = sentences(
            gone,
            [select.text],
            observed: .seconds(7200),
            broken: [BrokenQuery(select, reason: "column notes does not exist")],
        )
        #expect(
            failing.count == 1 && failing[0].hasPrefix("r2 fails with column notes does not exist"),
            "\(failing)",
        )
        // A release that only says that it lives is not at work.
        #expect(
            sentences(gone, ["SELECT 1"]).first?.hasSuffix("nothing that was recorded asks for a table")
                == true
        )
    }

    @Test(
        "What takes every column may take this one",
        arguments: [
            ("SELECT * FROM shipments", true), ("SELECT s.* FROM public.shipments s", true),
            ("INSERT INTO shipments (id) VALUES ($1) RETURNING *", true),
            ("SELECT id FROM shipments NATURAL JOIN other", true),
            ("SELECT row_to_json(s) FROM shipments s", true),
            ("SELECT count(*) FROM shipments", false),
            ("SELECT id FROM shipments WHERE EXISTS (SELECT)", false),
        ],
    )
    func star(_ query: String, _ isTold: Bool) {
        let told = sentences(SchemaChanges(gone: [Self.notes]), [query])
        #expect(
            told.first?.hasSuffix("a query takes every column of its table") == (isTold ? true : nil),
            "\(told)",
        )
    }

    @Test("What another query, a function or another type speaks of stays")
    func stays() {
        var changes = SchemaChanges(
            gone: [Self.notes],
            mentions: [Self.notes: ["function public.f", "function public.g"]],
        )
        #expect(
            sentences(changes, ["SELECT 1"])
                == ["public.shipments.notes is gone, and function public.f, function public.g name it"]
        )
        changes = SchemaChanges(
            retyped: [Self.notes: "text now, it was int"],
            missing: ["function public.f()"],
        )
        #expect(sentences(changes, ["SELECT 1"]).count == 2)
    }

    @Test("Of many queries that fail those are told that are run most")
    func most() {
        let broken = (1...5)
            .map {
                BrokenQuery(RecordedQuery("SELECT \($0)", calls: Int64($0)), reason: "x does not exist")
            }
        let told = sentences(SchemaChanges(), (1...5).map { "SELECT \($0)" }, broken: broken)
        #expect(told.count == 4)
        #expect(told.first == "r2 fails with x does not exist: SELECT 5 (run 5 times in 25h 00m)")
        #expect(told.last == "and 2 more of its 5 recorded queries fail")
    }

    @Test(
        "A query that gives no value is known by its columns",
        arguments: [
            ("INSERT INTO shipments (id, reference) VALUES ($1, $2)", true),
            ("INSERT INTO public.shipments AS s (id, \"notes\") VALUES ($1, $2)", false),
            ("insert into Shipments(id, NOTES) select $1, $2", false),
            ("INSERT INTO shipments VALUES ($1)", false),
            ("INSERT INTO shipments SELECT notes FROM old", false),
            ("INSERT INTO audit.shipments (id) VALUES ($1)", false),
            ("INSERT INTO shipments OVERRIDING SYSTEM VALUE VALUES ($1)", false),
            ("INSERT INTO shipments DEFAULT VALUES", true),
            ("INSERT INTO other (id) VALUES ($1)", false),
            ("WITH n AS (INSERT INTO shipments (id) VALUES ($1) RETURNING id) SELECT id FROM n", true),
            ("UPDATE shipments SET id = $1", false),
        ],
    )
    func required(_ query: String, _ isTold: Bool) {
        let told = sentences(SchemaChanges(required: [Self.notes]), [query])
        #expect(told.count == 1 && told[0].contains("r2 gives none") == isTold, "\(told)")
    }
}
