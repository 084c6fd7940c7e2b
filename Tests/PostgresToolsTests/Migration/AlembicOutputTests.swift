// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@testable import PostgresTools

@Suite("What Alembic says when something goes wrong")
struct AlembicOutputTests {
    private static let broken = """
        INFO  [alembic.runtime.migration] Running upgrade 0001 -> 0002, add shipment weight
        INFO  [alembic.runtime.migration] Running upgrade 0002 -> 0003, convert pounds
        Traceback (most recent call last):
          File "/srv/.venv/lib/python3.11/site-packages/sqlalchemy/engine/base.py", line 1967, in _exec_single_context
            self.dialect.do_execute(
        psycopg.errors.UndefinedColumn: column "weight_lb" does not exist
        LINE 1: UPDATE shipments SET weight_kg = weight_lb * 0.45
                                                 ^

        The above exception was the direct cause of the following exception:

        Traceback (most recent call last):
        sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedColumn) column "weight_lb" does not exist
        LINE 1: UPDATE shipments SET weight_kg = weight_lb * 0.45
        [SQL: UPDATE shipments SET weight_kg = weight_lb * 0.45
        WHERE weight_kg IS NULL]
        (Background on this error at: https://sqlalche.me/e/20/f405)
        """

    private func output(_ text: String) -> AlembicOutput {
        AlembicOutput(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    @Test("The revision, the database's words and the statement are found")
    func broken() {
        let output = output(Self.broken)
        #expect(output.running == "0003")
        #expect(output.error == "(psycopg.errors.UndefinedColumn) column \"weight_lb\" does not exist")
        #expect(
            output.statement == "UPDATE shipments SET weight_kg = weight_lb * 0.45\nWHERE weight_kg IS NULL"
        )
        #expect(!output.isLockTimeout)
        #expect(output.unknownRevision == nil)
        #expect(output.tail.first?.hasSuffix("add shipment weight") == true && output.tail.count == 17)
    }

    @Test(
        "A lock that could not be had is told apart, whatever the driver",
        arguments: [
            (
                "sqlalchemy.exc.OperationalError: (psycopg.errors.LockNotAvailable) canceling statement due to lock timeout",
                true,
            ),
            ("psycopg2.errors.LockNotAvailable: canceling statement due to lock timeout", true),
            ("sqlalchemy.exc.OperationalError: (psycopg2.errors.DeadlockDetected) deadlock detected", true),
            ("asyncpg.exceptions.LockNotAvailableError: canceling statement due to lock timeout", true),
            ("    raise LockNotAvailable()", false), ("ERROR canceling statement", false),
        ],
    )
    func locks(line: String, isLockTimeout: Bool) {
        #expect(output(line).isLockTimeout == isLockTimeout)
    }

    @Test("A revision that the release does not have is found")
    func unknown() {
        let output = output("INFO x\nFAILED: Can't locate revision identified by '0009'\n")
        #expect(output.unknownRevision == "0009")
        #expect(output.error == "FAILED: Can't locate revision identified by '0009'")
    }

    @Test("Without anything known the last thing that was said is the error")
    func other() {
        #expect(
            output("Traceback\nModuleNotFoundError: No module named 'app'\n\n").error
                == "ModuleNotFoundError: No module named 'app'"
        )
        #expect(output("").error == nil)
    }

    @Test("Values of variables, and the password of the URL, are not in what is told")
    func redaction() {
        let job = MigrationJob(
            database: DatabaseTarget(
                EnvironmentKey(ProjectName("p"), EnvironmentName("e")),
                AccessoryName("db"),
                "d",
            ),
            service: "/srv",
            folder: ".",
            variables: [
                "DATABASE_URL": Secret("postgresql://user:0123456789abcdef@127.0.0.1:5432/d"),
                "API_KEY": Secret("key-key-key-key"), "DEBUG": Secret("true"),
            ],
            timeout: .seconds(1),
        )
        let lines = [
            "connecting to postgresql://user:0123456789abcdef@127.0.0.1:5432/d", "password=0123456789abcdef",
            "key-key-key-key is true",
        ]
        .map(job.redacted)
        #expect(lines == ["connecting to •••", "password=•••", "••• is true"])
    }
}
