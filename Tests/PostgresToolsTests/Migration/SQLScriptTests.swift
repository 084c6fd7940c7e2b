// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import PostgresTools

@Suite("A script taken apart into statements")
struct SQLScriptTests {
    /// A script, and its statements with their lines.
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let script: String
        let statements: [String]
        var lines: [Int]?

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "nothing", script: "", statements: []),
        Row(name: "only comments", script: "-- a\n/* b; */ ;; \n;", statements: []),
        Row(
            name: "two on a line",
            script: "SELECT 1; SELECT 2",
            statements: ["SELECT 1", "SELECT 2"],
            lines: [1, 1],
        ),
        Row(
            name: "lines are counted through comments, texts and blank lines",
            script: "-- first\n\nSELECT 'a\nb';\n/* x\n */ SELECT 2 ;\nSELECT 3",
            statements: ["SELECT 'a\nb'", "SELECT 2", "SELECT 3"],
            lines: [3, 6, 7],
        ),
        Row(
            name: "semicolons in texts",
            script: "SELECT ';', 'it''s;';",
            statements: ["SELECT ';', 'it''s;'"],
        ),
        Row(
            name: "backslashes are letters in plain texts",
            script: #"SELECT '\'; SELECT 2"#,
            statements: [#"SELECT '\'"#, "SELECT 2"],
        ),
        Row(
            name: "backslashes escape in E texts",
            script: #"SELECT E'\';', e'\\'; SELECT 2"#,
            statements: [#"SELECT E'\';', e'\\'"#, "SELECT 2"],
        ),
        Row(
            name: "quoted names",
            script: #"SELECT 1 AS "a;""b"; SELECT 2"#,
            statements: [#"SELECT 1 AS "a;""b""#, "SELECT 2"],
        ),
        Row(
            name: "dollar quotes",
            script: "DO $$ BEGIN; END $$; DO $x$ ; $$ ; $x$; DO $x1$ ; $x2$ ; $x1$",
            statements: ["DO $$ BEGIN; END $$", "DO $x$ ; $$ ; $x$", "DO $x1$ ; $x2$ ; $x1$"],
        ),
        Row(
            name: "a dollar within a name is no quote",
            script: "SELECT a$b$c; SELECT 2",
            statements: ["SELECT a$b$c", "SELECT 2"],
        ),
        Row(
            name: "parameters are no quotes",
            script: "SELECT $1; SELECT $2",
            statements: ["SELECT $1", "SELECT $2"],
        ),
        Row(
            name: "nested comments",
            script: "SELECT /* ; /* ; */ ; */ 1; SELECT 2",
            statements: ["SELECT /* ; /* ; */ ; */ 1", "SELECT 2"],
        ),
        Row(
            name: "comments in statements",
            script: "SELECT 1 -- one;\n + 1; SELECT 2",
            statements: ["SELECT 1 -- one;\n + 1", "SELECT 2"],
        ),
        Row(
            name: "minus minus one",
            script: "SELECT 1 - -1; SELECT 2",
            statements: ["SELECT 1 - -1", "SELECT 2"],
        ),
        Row(
            name: "rules have semicolons in parentheses",
            script: "CREATE RULE r AS ON DELETE TO t DO (DELETE FROM u; DELETE FROM v); SELECT 2",
            statements: ["CREATE RULE r AS ON DELETE TO t DO (DELETE FROM u; DELETE FROM v)", "SELECT 2"],
        ),
        Row(
            name: "bodies between BEGIN ATOMIC and END",
            script: """
                CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
                SELECT 3
                """,
            statements: [
                "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
                "SELECT 3",
            ],
        ),
        Row(
            name: "BEGIN elsewhere is a statement",
            script: "BEGIN; SELECT 1; END;",
            statements: ["BEGIN", "SELECT 1", "END"],
        ),
        Row(
            name: "a table called begin is none of that",
            script: "CREATE TABLE begin (x int); SELECT 2",
            statements: ["CREATE TABLE begin (x int)", "SELECT 2"],
        ),
        Row(
            name: "other alphabets",
            script: "SELECT 'ü;🚢' AS größe; SELECT 2",
            statements: ["SELECT 'ü;🚢' AS größe", "SELECT 2"],
        ),
        Row(
            name: "Windows line ends",
            script: "SELECT 1;\r\nSELECT 2;\r\n",
            statements: ["SELECT 1", "SELECT 2"],
            lines: [1, 2],
        ),
        Row(
            name: "closing without opening",
            script: "SELECT ); SELECT 2",
            statements: ["SELECT )", "SELECT 2"],
        ),
    ]

    @Test("Statements end where PostgreSQL says", arguments: rows)
    func table(row: Row) throws {
        let statements = try SQLScript.statements(row.script)
        #expect(statements.map(\.text) == row.statements)
        if let lines = row.lines { #expect(statements.map(\.line) == lines) }
    }

    @Test(
        "What never ends is told by the line where it begins",
        arguments: [
            ("SELECT 1;\nSELECT 'a", "a text", 2), ("\n\n\"name", "a quoted name", 3),
            ("/* a /* b */", "a comment", 1),
            ("SELECT\n$tag$ $$ ", "a text between $tag$", 2), ("SELECT E'\\'", "a text", 1),
        ],
    )
    func unfinished(script: String, what: String, line: Int) {
        let error = #expect(throws: SQLScript.Unfinished.self) { try SQLScript.statements(script) }
        #expect(error == SQLScript.Unfinished(what: what, line: line))
    }

    @Test("The first word says whether it controls a transaction")
    func keywords() throws {
        let statements = try SQLScript.statements(
            "begin; Select 1; COMMIT AND CHAIN; rollback to x; savepoint x; end_of()"
        )
        #expect(statements.map(\.keyword) == ["BEGIN", "SELECT", "COMMIT", "ROLLBACK", "SAVEPOINT", "END"])
        #expect(statements.map(\.controlsTransaction) == [true, false, true, true, false, true])
    }

    @Test("Any script comes apart without a crash, and nothing of it is lost")
    func anything() throws {
        var generator = SeededGenerator(seed: 7)
        let parts = [
            "'", "\"", "$", "$a$", ";", "--", "\n", "/*", "*/", "(", ")", "E'", "\\", "BEGIN", " ", "x", "ü",
            "1",
        ]
        for _ in 0..<2_000 {
            let script = (0..<12).compactMap { _ in parts.randomElement(using: &generator) }.joined()
            // Unfinished ones are refused, which is as good.
            guard let statements = try? SQLScript.statements(script) else { continue }
            #expect(
                statements.allSatisfy { script.contains($0.text) && !$0.text.isEmpty },
                "\(script.debugDescription)",
            )
        }
    }
}
