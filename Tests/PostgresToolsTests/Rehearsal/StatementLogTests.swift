// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PostgresTools

@Suite("Statements in a server's log")
struct StatementLogTests {
    private func line(
        _ message: String,
        _ detail: String = "",
        user: String = "app",
        session: String = "1",
        severity: String = "LOG",
    ) -> String {
        let fields = [
            "2026-11-21 23:00:00.000 UTC", user, "shop", "12", "[local]", session, "3", "SELECT",
            "2026-11-21", "3/4", "0",
            severity, "00000", message, detail, "", "", "", "", "", "", "", "client", "", "0",
        ]
        return fields.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",") + "\n"
    }

    private func statements(_ lines: String...) -> [RecordedStatement] {
        let all =
            [line("statement: SELECT 'begins'", user: "other")] + lines + [
                line("statement: SELECT 'ends'", user: "other")
            ]
        return StatementLog(
            Array(all.joined().utf8),
            user: "app",
            database: "shop",
            from: "'begins'",
            to: "'ends'",
        )
        .statements
    }

    @Test("are read with their quotes, lines, parameters and sessions")
    func read() {
        let found = statements(
            line("statement: SELECT \"a,b\",\n  'it''s'"),
            line(
                "execute <unnamed>: INSERT INTO t VALUES ($1, $2)",
                "parameters: $1 = 'it''s, = ', $2 = NULL",
                session: "2",
            ),
            line("execute s1: SELECT $1", "Parameters: $1 = ''"),
            line("connection authorized"),
            line("statement: DROP TABLE t", user: "somebody"),
        )
        #expect(
            found == [
                RecordedStatement("SELECT \"a,b\",\n  'it''s'", session: "1"),
                RecordedStatement("INSERT INTO t VALUES ($1, $2)", ["it's, = ", nil], session: "2"),
                RecordedStatement("SELECT $1", [""], session: "1"),
            ]
        )
    }

    @Test("that the server refused are told from those that it ran, by session")
    func refused() {
        let found = statements(
            line("statement: A"),
            line("statement: B", session: "2"),
            line("no such table", severity: "ERROR"),
            line("statement: C"),
        )
        #expect(found.map(\.failed) == [true, false, false])
    }

    @Test("outside of the marks are nobody's business")
    func outside() {
        let text =
            line("statement: A") + line("statement: SELECT 'begins'") + line("statement: B")
            + line("statement: SELECT 'ends'") + line("statement: C")
        let log = StatementLog(
            Array(text.utf8),
            user: "app",
            database: "shop",
            from: "'begins'",
            to: "'ends'",
        )
        #expect(log.statements.map(\.text) == ["B"])
    }

    @Test(
        "name the table of which they change rows",
        arguments: [
            ("UPDATE shipments SET a = 1", "shipments"), ("update only \"Odd\".t set a = 1", "\"Odd\".t"),
            ("DELETE FROM t", "t"), ("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "t"),
            ("WITH x AS (SELECT 1) UPDATE t SET a = 1", "t"), ("SELECT 1", nil),
            ("INSERT INTO t VALUES (1)", nil),
        ],
    )
    func changed(_ text: String, _ table: String?) {
        #expect(RecordedStatement(text).changedTable == table)
    }
}
