// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import DataSafety

@Suite("The verdict on a migration")
struct MigrationJudgeTests {
    private static let tables = [
        "public.orders": TableStatistics(size: .mebibytes(2048), rows: 3_000_000, hasRows: true),
        "public.small": TableStatistics(size: .mebibytes(1), rows: 100, hasRows: true),
        "public.empty": TableStatistics(size: .mebibytes(0), rows: nil, hasRows: false),
        "public.parent": TableStatistics(
            size: .mebibytes(20),
            rows: 2000,
            hasRows: true,
            isPartitioned: true,
        ),
    ]
    .merging(
        (1...20)
            .map { ("public.part\($0)", TableStatistics(size: .mebibytes(1), rows: 100, hasRows: true)) }
    ) { $1 }

    private func verdicts(_ traces: MigrationTrace...) -> [MigrationVerdict] {
        MigrationJudge(tables: Self.tables).verdicts(on: traces)
    }

    private func trace(
        _ statements: StatementTrace...,
        changes: SchemaChanges = SchemaChanges(),
        failure: String? = nil,
    ) -> MigrationTrace {
        let migration = PendingMigration(id: MigrationRevision("0002"), title: "")
        return MigrationTrace(
            migration: migration,
            statements: statements,
            changes: changes,
            failure: failure,
        )
    }

    private func verdict(_ statements: StatementTrace...) -> MigrationVerdict {
        var one = trace()
        one.statements = statements
        return verdicts(one)[0]
    }

    private static let add = StatementTrace(
        "ALTER TABLE small ADD COLUMN a int",
        transaction: 1,
        locks: ["public.small": .accessExclusive],
    )
    private static let fill = StatementTrace(
        "UPDATE orders SET a = 1 WHERE b = 'canary'",
        transaction: 1,
        locks: ["public.orders": .rowExclusive],
        changed: ["public.orders"],
    )

    @Test("A lock that nobody keeps for long is no hazard, however strong")
    func brief() {
        #expect(verdict(Self.add).findings.isEmpty)
    }

    @Test(
        "Who waits is told as far as that is known: writers for a lock that readers don't mind, both for any other",
        arguments: [
            (LockMode.share, 0.26, 40.0, "; 0.3 writes a second on average wait"),
            (.accessExclusive, 12.4, 1.0, "; 12 writes and 1 read a second on average wait"),
            (.accessExclusive, 0.01, 2.0, "; 2 reads a second on average wait"),
            (.share, 0.01, 40.0, ""), (.accessExclusive, 0, 0, ""),
        ],
    )
    func traffic(mode: LockMode, writes: Double, reads: Double, words: String) {
        var tables = Self.tables
        tables["public.orders"]?.traffic = TableTraffic(writes: writes, reads: reads)
        let statement = StatementTrace(
            "ALTER TABLE orders ALTER a TYPE bigint",
            transaction: 1,
            locks: ["public.orders": mode],
            scanned: ["public.orders"],
        )
        var one = trace()
        one.statements = [statement]
        let sentence = MigrationJudge(tables: tables).verdicts(on: [one])[0].findings[0].sentence
        #expect(
            sentence.hasSuffix("reads all of public.orders (2.0 GiB, about 3000000 rows)\(words)"),
            "\(sentence)",
        )
    }

    @Test("Small work is over in a moment, until there is too much of it")
    func small() {
        let index = StatementTrace(
            "CREATE INDEX ON small (a)",
            transaction: 1,
            locks: ["public.small": .share],
            scanned: ["public.small"],
        )
        #expect(verdict(index).findings.isEmpty)
        let many = StatementTrace(
            "CREATE INDEX ON parent (a)",
            transaction: 1,
            locks: ["public.parent": .share],
            scanned: (1...20).map { "public.part\($0)" },
        )
        let found = verdict(many)
        #expect(found.hazards == [.blocksWrites])
        #expect(
            found.findings[0].sentence
                .hasSuffix("while it reads all of public.part1 (1.0 MiB, about 100 rows) and 19 more")
        )
    }

    @Test(
        "What comes later in the same transaction counts, whichever migration does it; in another one it does not"
    )
    func transactions() {
        let (add, fill) = (Self.add, Self.fill)
        #expect(verdict(add, fill).hazards == [.blocksReads])
        #expect(
            verdict(add, fill).findings.first?.sentence
                == "ALTER TABLE small ADD COLUMN a int holds ACCESS EXCLUSIVE on public.small while "
                + "UPDATE orders SET a = 1 WHERE b = '…' changes rows of public.orders (2.0 GiB, about 3000000 rows)"
        )
        #expect(
            verdict(add, fill).findings.first?.advice
                == "put the two into different migrations, each in a transaction of its own"
        )
        let shared = verdicts(trace(add), trace(fill))
        #expect(shared.map(\.hazards) == [[.blocksReads], [.blocksReads]])
        #expect(shared[0].findings[0].advice?.contains("transaction_per_migration=True") == true)
        var later = fill
        later.transaction = 2
        #expect(verdict(add, later).hazards.isEmpty)
        // What came before took no lock yet.
        #expect(verdict(fill, add).hazards.isEmpty)
    }

    @Test(
        "How long others wait is told by how fast the server is, for everything until the lock is let go of"
    )
    func times() {
        let mebibyte = 1_048_576.0
        let rates = WorkRates(
            reading: 512 * mebibyte,
            indexing: 32 * mebibyte,
            rewriting: 16 * mebibyte,
            changing: 4 * mebibyte,
        )
        func ends(_ statements: StatementTrace...) -> [String] {
            var one = trace()
            one.statements = statements
            return MigrationJudge(tables: Self.tables, rates: rates).verdicts(on: [one])[0].findings
                .map { String($0.sentence.suffix(24)) }
        }
        let orders = ["public.orders"]
        let lock: [String: LockMode] = ["public.orders": .accessExclusive]
        let check = StatementTrace(
            "ALTER TABLE orders ADD CHECK (a > 0)",
            transaction: 1,
            locks: lock,
            scanned: orders,
        )
        let index = StatementTrace(
            "CREATE INDEX ON orders (a)",
            transaction: 1,
            locks: lock,
            scanned: orders,
        )
        let type = StatementTrace(
            "ALTER TABLE orders ALTER a TYPE bigint",
            transaction: 1,
            locks: lock,
            rewritten: orders,
        )
        #expect(ends(check) == ["3000000 rows), for about 4 s".suffix(24).description])
        #expect(ends(index).allSatisfy { $0.hasSuffix(", for about 64 s") })
        #expect(ends(type).allSatisfy { $0.hasSuffix(", for about 2 min") })
        #expect(ends(check, index, type).allSatisfy { $0.hasSuffix(", for about 3 min") })
        var all = Self.fill
        all.isUnconditional = true
        #expect(ends(all) == ["ne waits for about 9 min"])
    }

    @Test("The strongest lock on a table is told once")
    func strongest() {
        let reference = StatementTrace(
            "ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES small",
            transaction: 1,
            locks: ["public.orders": .shareRowExclusive, "public.small": .shareRowExclusive],
            scanned: ["public.orders"],
        )
        let rewrite = StatementTrace(
            "ALTER TABLE orders ALTER COLUMN a TYPE bigint",
            transaction: 1,
            locks: ["public.orders": .accessExclusive],
            rewritten: ["public.orders"],
        )
        let verdict = verdict(reference, rewrite)
        #expect(verdict.findings.map(\.hazard) == [.blocksReads, .blocksWrites])
        let words =
            "ACCESS EXCLUSIVE on public.orders while it writes public.orders anew (2.0 GiB, about 3000000 rows)"
        #expect(verdict.findings[0].sentence.contains(words))
        #expect(
            verdict.findings[1].sentence
                .contains("SHARE ROW EXCLUSIVE on public.small while it reads all of public.orders")
        )
        #expect(
            verdict.findings[1].advice
                == "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in the next migration"
        )
    }

    @Test("Every row that is changed or deleted at once is told")
    func allRows() {
        var all = Self.fill
        all.isUnconditional = true
        #expect(verdict(all).hazards == [.blocksWrites])
        all.text = "DELETE FROM orders"
        #expect(verdict(all).hazards == [.losesData, .blocksWrites])
        #expect(
            verdict(StatementTrace("TRUNCATE orders", transaction: 1, emptied: ["public.orders"])).hazards
                == [.losesData]
        )
        #expect(
            verdict(StatementTrace("TRUNCATE empty", transaction: 1, emptied: ["public.empty"])).hazards == []
        )
    }

    @Test("What is dropped loses its rows, if it has any")
    func lost() {
        func drop(_ table: String) -> MigrationTrace {
            trace(changes: SchemaChanges(gone: [.init(table)], lost: [.init(table)]))
        }
        #expect(verdicts(drop("public.orders"))[0].hazards == [.breaksRelease, .losesData])
        #expect(verdicts(drop("public.empty"))[0].hazards == [.breaksRelease])
    }

    @Test(
        "A column that must have a value fails where rows have none, and otherwise breaks who does not know it"
    )
    func required() {
        func add(_ table: String, isNew: Bool = true) -> [MigrationVerdict.Hazard] {
            let place = SchemaChanges.Place(table, "a.b")
            return verdicts(trace(changes: SchemaChanges(required: [place], added: isNew ? [place] : [])))[0]
                .hazards
        }
        #expect(add("public.small") == [.mayFail])
        #expect(add("public.empty") == [.breaksRelease])
        #expect(add("public.small", isNew: false) == [.breaksRelease])
    }

    @Test("One that did not apply is told first, and one that could not be watched last")
    func failed() {
        let changes = SchemaChanges(gone: [.init("public.orders")], lost: [.init("public.orders")])
        let hidden = StatementTrace(
            "COPY t FROM STDIN",
            transaction: 1,
            unwatched: "it reads rows from its client",
        )
        let verdict = verdicts(
            trace(hidden, changes: changes, failure: "0002_b.sql failed at line 3: no such column")
        )[0]
        #expect(
            verdict.findings.first?.sentence.hasSuffix("0002_b.sql failed at line 3: no such column") == true
        )
        #expect(verdict.hazards == [.mayFail, .breaksRelease, .losesData, .unknown])
    }

    @Test(
        "Each lock is written as PostgreSQL writes it",
        arguments: zip(
            LockMode.allCases,
            [
                "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE",
                "SHARE ROW EXCLUSIVE",
                "EXCLUSIVE", "ACCESS EXCLUSIVE",
            ],
        ),
    )
    func words(_ mode: LockMode, _ words: String) {
        #expect(mode.inWords == words)
        #expect(mode.blocksWrites == (mode >= .share))
    }

    @Test(
        "A safer form is named where there is one",
        arguments: [
            ("create unique index on t(a)", "CREATE INDEX CONCURRENTLY, outside of a transaction"),
            (
                "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
                "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in the next migration, and SET NOT NULL after that reads nothing",
            ),
            (
                "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)",
                "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX",
            ),
            (
                "ALTER TABLE t ALTER COLUMN a TYPE bigint",
                "add a column of the new type, fill it in batches, and change over in a later release",
            ),
            (
                "ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid()",
                "add the column without this default, set the default for new rows, and fill it in batches",
            ),
            ("UPDATE t SET a = 1", nil),
        ],
    )
    func advice(_ statement: String, _ form: String?) {
        #expect(SaferForm.of(StatementTrace(statement, transaction: 1)) == form)
    }
}
