// SPDX-License-Identifier: Apache-2.0
import API
import Testing

@testable import Commands

/// What `opshub migrate verify` says.
@Suite("A report on migrations")
struct MigrationTextTests {
    private static let view = VerificationView(
        release: "r12",
        isGood: false,
        entries: [
            .init(revision: "0001", title: "make ships", state: "clean", findings: []),
            .init(
                revision: "0002",
                title: "a | b",
                state: "note",
                findings: ["can't be taken back: there is no 0002.down.sql"],
            ),
            .init(
                revision: "0003",
                title: "moods",
                state: "mistake",
                findings: [
                    "leaves behind when it is taken back: TYPE mood",
                    "does not apply again: <type>\nis there",
                ],
            ),
        ],
        heads: ["0003", "0002b"],
        drift: [],
        general: ["there are 2 heads, merge them: 0003, 0002b"],
        rows: ["with 12 rows in 2 tables, of backup b7"],
        took: 3.21,
    )

    @Test("names each of them with what is to be said of it, then what is of none, and counts")
    func lines() {
        #expect(
            MigrationText.lines(Self.view) == """
                ✓ 0001 make ships
                · 0002 a | b
                    can't be taken back: there is no 0002.down.sql
                ✗ 0003 moods
                    leaves behind when it is taken back: TYPE mood
                    does not apply again: <type>
                is there
                with 12 rows in 2 tables, of backup b7
                ✗ there are 2 heads, merge them: 0003, 0002b
                3 migrations: 1 clean, 1 with a remark, 1 to be mended (3.2s)
                """
        )
    }

    @Test("is a table in a pull request, in which nothing that a database has said means anything")
    func markdown() {
        #expect(
            MigrationText.markdown(Self.view) == """
                ### Migrations of r12

                | | revision | |
                |---|---|---|
                | ✓ | `0001` make ships | clean |
                | · | `0002` a &#124; b | can't be taken back: there is no 0002.down.sql |
                | ✗ | `0003` moods | leaves behind when it is taken back: TYPE mood<br>does not apply again: &#60;type> is there |

                - with 12 rows in 2 tables, of backup b7
                - ✗ there are 2 heads, merge them: 0003, 0002b
                - 3 migrations: 1 clean, 1 with a remark, 1 to be mended (3.2s)
                """
        )
    }

    @Test("says that nothing is proven where nothing was, and that nobody has compared models with what was")
    func nothing() {
        var view = Self.view
        (view.entries, view.rows, view.general, view.drift, view.took) = ([], nil, [], nil, 0.5)
        #expect(
            MigrationText.lines(view) == """
                ✗ there are no migrations, so nothing is proven
                0 migrations: 0 clean, 0 with a remark, 0 to be mended (500ms)
                """
        )
        view.entries = [Self.view.entries[0]]
        #expect(MigrationText.lines(view).contains("\n· models were not compared with the schema"))
    }
}
