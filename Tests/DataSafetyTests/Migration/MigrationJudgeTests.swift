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
    ]

    private func verdict(_ statements: StatementTrace..., failure: String? = nil) -> MigrationVerdict {
        let migration = PendingMigration(id: MigrationRevision("0002"), title: "")
        return MigrationJudge(tables: Self.tables)
            .verdict(on: MigrationTrace(migration: migration, statements: statements, failure: failure))
    }

    @Test("A lock that nobody keeps for long is no hazard, however strong")
    func brief() {
        let add = StatementTrace(
            "ALTER TABLE orders ADD COLUMN a int",
            transaction: 1,
            locks: ["public.orders": .accessExclusive],
        )
        #expect(verdict(add).findings.isEmpty)
    }

    @Test("A small table is over in a moment, whatever is done to it")
    func small() {
        let index = StatementTrace(
            "CREATE INDEX ON small (a)",
            transaction: 1,
            locks: ["public.small": .share],
            scanned: ["public.small"],
        )
        #expect(verdict(index).findings.isEmpty)
    }

    @Test("What comes later in the same transaction counts, in another one it does not")
    func transactions() {
        let add = StatementTrace(
            "ALTER TABLE small ADD COLUMN a int",
            transaction: 1,
            locks: ["public.small": .accessExclusive],
        )
        let fill = StatementTrace(
            "UPDATE orders SET a = 1",
            transaction: 1,
            locks: ["public.orders": .rowExclusive],
            scanned: ["public.orders"],
        )
        #expect(verdict(add, fill).hazards == [.blocksReads])
        #expect(
            verdict(add, fill).findings.first?.advice
                == "put the two into different migrations, so that the lock is let go in between"
        )
        var later = fill
        later.transaction = 2
        #expect(verdict(add, later).hazards.isEmpty)
        // What came before took no lock yet.
        #expect(verdict(fill, add).hazards.isEmpty)
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
        #expect(
            verdict.findings[0].sentence
                .contains(
                    "ACCESS EXCLUSIVE on public.orders while it writes public.orders anew (2.0 GiB, about 3000000 rows)"
                )
        )
        #expect(
            verdict.findings[1].sentence
                .contains("SHARE ROW EXCLUSIVE on public.small while it reads all of public.orders")
        )
        #expect(
            verdict.findings[1].advice
                == "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in the next migration"
        )
    }

    @Test("What is dropped loses its rows, if it has any; an emptied table as well")
    func lost() {
        #expect(
            verdict(StatementTrace("DROP TABLE orders", transaction: 1, dropped: ["public.orders"])).hazards
                == [.breaksRelease, .losesData]
        )
        #expect(
            verdict(StatementTrace("DROP TABLE empty", transaction: 1, dropped: ["public.empty"])).hazards
                == [.breaksRelease]
        )
        #expect(
            verdict(StatementTrace("TRUNCATE orders", transaction: 1, emptied: ["public.orders"])).hazards
                == [.losesData]
        )
        #expect(
            verdict(StatementTrace("TRUNCATE empty", transaction: 1, emptied: ["public.empty"])).hazards == []
        )
    }

    @Test(
        "A column that must have a value fails where rows have none, and otherwise breaks who does not know it"
    )
    func required() {
        func add(_ column: String) -> StatementTrace {
            StatementTrace("ALTER TABLE …", transaction: 1, required: [column], added: [column])
        }
        #expect(verdict(add("public.small.a")).hazards == [.mayFail])
        #expect(verdict(add("public.empty.a")).hazards == [.breaksRelease])
        let existing = StatementTrace("ALTER TABLE …", transaction: 1, required: ["public.small.a"])
        #expect(verdict(existing).hazards == [.breaksRelease])
    }

    @Test("One that did not apply is told first")
    func failed() {
        let drop = StatementTrace("DROP TABLE orders", transaction: 1, dropped: ["public.orders"])
        let verdict = verdict(drop, failure: "0002_b.sql failed at line 3: no such column")
        #expect(
            verdict.findings.first?.sentence.hasSuffix("0002_b.sql failed at line 3: no such column") == true
        )
        #expect(verdict.hazards == [.mayFail, .breaksRelease, .losesData])
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
