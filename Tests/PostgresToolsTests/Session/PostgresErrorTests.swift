// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import PostgresTools

@Suite("What PostgreSQL answers instead of a result")
struct PostgresErrorTests {
    @Test(
        "The SQLSTATE is taken out of a refused connection's message, and where in the server it arose is left out"
    )
    func refusal() {
        let words = """
            connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password authentication failed for \
            user "x" LOCATION:  auth_failed, auth.c:326
            """
        let error = PostgresError(refusal: words, statement: nil)
        #expect(error.sqlState == "28P01")
        #expect(error.message == "password authentication failed for user \"x\"")
        #expect(error.description == "password authentication failed for user \"x\" (SQLSTATE 28P01)")
    }

    @Test("A refused connection's detail is kept apart")
    func detail() {
        let words =
            "x failed: FATAL:  42501: permission denied DETAIL:  No CONNECT privilege. LOCATION:  f, c.c:1"
        let error = PostgresError(refusal: words, statement: nil)
        #expect(error.message == "permission denied")
        #expect(error.detail == "No CONNECT privilege.")
    }

    @Test(
        "A message of another form is kept as it is",
        arguments: [
            "connection to server on socket \"/run/.s.PGSQL.5432\" failed: No such file or directory",
            "FATAL:  password authentication failed", "FATAL:  28P0: x", "FATAL:  28P01: ", "",
        ],
    )
    func otherForms(words: String) {
        let error = PostgresError(refusal: words, statement: nil)
        #expect(error.sqlState == nil)
        #expect(error.message == words)
    }

    @Test(
        "Its kind follows from the SQLSTATE alone",
        arguments: [
            ("55P03", true, false), ("40P01", true, false), ("57P03", false, true), ("57P01", false, true),
            ("08006", false, true), ("42P01", false, false), (nil, false, true),
        ] as [(String?, Bool, Bool)],
    )
    func kinds(state: String?, isLockTimeout: Bool, isUnavailable: Bool) {
        let error = PostgresError(sqlState: state, message: "x")
        #expect(error.isLockTimeout == isLockTimeout)
        #expect(error.isUnavailable == isUnavailable)
        #expect(error.failure(doing: "it").isRetryable == (isLockTimeout || isUnavailable))
    }

    @Test("As a failure it keeps the statement, the detail and the server's hint")
    func failure() {
        let error = PostgresError(
            sqlState: "42703",
            message: "column \"x\" does not exist",
            detail: "There is a column named \"y\".",
            hint: "Perhaps you meant y.",
            statement: "SELECT x",
        )
        let failure = error.failure(.migrationFailed, doing: "migrating")
        #expect(failure.code == .migrationFailed)
        #expect(failure.message == "migrating failed: column \"x\" does not exist")
        #expect(failure.hint == "Perhaps you meant y.")
        #expect(failure.evidence == ["statement: SELECT x", "There is a column named \"y\"."])
        #expect(failure.cause == "column \"x\" does not exist (SQLSTATE 42703)")
    }

    @Test(
        "Names and texts are quoted so that SQL reads them as they are",
        arguments: [
            ("a", "\"a\"", "'a'"), ("a\"b'c", "\"a\"\"b'c\"", "'a\"b''c'"),
            ("a\\'", "\"a\\'\"", " E'a\\\\'''"),
        ],
    )
    func quoting(text: String, name: String, literal: String) {
        #expect(SQLName.quoted(text) == name)
        #expect(SQLName.literal(text) == literal)
    }
}
