// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@testable import PostgresTools

@Suite("What Alembic tells of its history")
struct AlembicHistoryTests {
    /// As `alembic history --verbose` wrote it, with a project's own lines between.
    private static let linear = """
        2026-01-03 12:00:00 starting up
        INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
        Rev: 0003 (head)
        Parent: 0002
        Path: /srv/migrations/versions/0003_convert_pounds.py

            convert pounds

            Revision ID: 0003
            Revises: 0002

        Rev: 0002
        Parent: 0001
        Path: /srv/migrations/versions/0002_add_shipment_weight.py

            add shipment weight

            Revision ID: 0002

        Rev: 0001
        Parent: <base>
        Path: /srv/migrations/versions/0001_create_shipments.py

            create shipments
        """

    private func outlook(_ text: String, at current: String...) -> MigrationOutlook {
        AlembicHistory(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
            .outlook(at: current.map { MigrationRevision($0) })
    }

    private func revisions(_ names: String...) -> [MigrationRevision] { names.map { MigrationRevision($0) } }

    @Test("What comes after the current revision is pending, in the order of application")
    func pending() {
        let outlook = outlook(Self.linear, at: "0002")
        #expect(outlook.current == revisions("0002"))
        #expect(
            outlook.pending == [PendingMigration(id: MigrationRevision("0003"), title: "convert pounds")]
        )
        #expect(outlook.targets == revisions("0003"))
        #expect(outlook.unknown.isEmpty)
    }

    @Test("On an empty database everything is pending")
    func beginning() {
        let outlook = outlook(Self.linear)
        #expect(outlook.current.isEmpty)
        #expect(
            outlook.pending.map(\.description) == [
                "0001 create shipments", "0002 add shipment weight", "0003 convert pounds",
            ]
        )
    }

    @Test("A revision says in its description that it keeps data")
    func keepsData() {
        let text = Self.linear.replacing(
            "    Revision ID: 0002",
            with: "    opshub: keeps-data\n\n    Revision ID: 0002",
        )
        let entries = AlembicHistory(text.split(separator: "\n").map(String.init)).entries
        #expect(entries.map(\.keepsData) == [nil, true, nil])
        #expect(entries.map(\.title) == ["create shipments", "add shipment weight", "convert pounds"])
    }

    @Test("At the head nothing is")
    func head() {
        #expect(outlook(Self.linear, at: "0003").pending.isEmpty)
    }

    @Test("What `alembic current` says is read the same way")
    func current() {
        let text = """
            INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
            Current revision(s) for postgresql+psycopg://tracehub:***@127.0.0.1:5432/tracehub:
            Rev: 0003 (head)
            Parent: 0002
            """
        #expect(
            AlembicHistory(text.split(separator: "\n").map(String.init)).revisions.map(\.id)
                == revisions("0003")
        )
    }

    private static let branched = """
        Rev: m1 (head) (mergepoint)
        Merges: a1, b1
        Path: m1.py

            merge

        Rev: b1
        Parent: r0
        Also depends on: d1
        Path: b1.py

            b

        Rev: d1 (head)
        Parent: <base>
        Branch names: data
        Path: d1.py

            data

        Rev: a1
        Parent: r0
        Path: a1.py

            a

        Rev: r0 (branchpoint)
        Parent: <base>
        Branches into: b1, a1
        Path: r0.py

            root
        """

    @Test("Branches, merges and dependencies are followed")
    func branches() {
        #expect(outlook(Self.branched).targets == revisions("d1", "m1"))
        #expect(outlook(Self.branched, at: "a1").pending.map(\.id) == revisions("d1", "b1", "m1"))
        let behindB = outlook(Self.branched, at: "b1").pending.map(\.id)
        #expect(behindB == revisions("a1", "m1"), "d1 is what b1 depends on")
        let both = outlook(Self.branched, at: "b1", "a1")
        #expect(both.current == revisions("a1", "b1"))
        #expect(both.pending.map(\.id) == revisions("m1"))
    }

    @Test("A database at a revision that the release does not have is ahead of it, and nothing is pending")
    func ahead() {
        let outlook = AlembicHistory(Self.linear.split(separator: "\n").map(String.init))
            .outlook(atUnknown: MigrationRevision("0009"))
        #expect(outlook.current == revisions("0009"))
        #expect(outlook.unknown == revisions("0009"))
        #expect(outlook.pending.isEmpty)
        #expect(outlook.targets == revisions("0003"))
    }

    @Test("Without any revision there is nothing")
    func nothing() {
        #expect(
            outlook("INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.") == MigrationOutlook()
        )
    }
}
