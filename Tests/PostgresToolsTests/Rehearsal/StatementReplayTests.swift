// SPDX-License-Identifier: Apache-2.0
import DataSafety
import Testing

@testable import PostgresTools

@Suite("Statements that are run again", .tags(.postgres), .postgresCluster)
struct StatementReplayTests {
    /// What each of these statements is seen to do, in a database with a table and one that refers to it.
    private func replay(_ statements: RecordedStatement...) async throws -> [StatementTrace?] {
        let database = try await RunningCluster.current.makeDatabase(
            "CREATE TABLE t (id int PRIMARY KEY)",
            "CREATE TABLE child (t int REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
        )
        return try await PostgresSession.with(database.endpoint) { session in
            var replay = try await StatementReplay(
                session,
                original: try await SchemaState(session),
                bookkeeping: [],
            )
            var traces: [StatementTrace?] = []
            for statement in statements { traces.append(try await replay.run(statement)) }
            return traces
        }
    }

    @Test("keep their transaction when one fails that its program has caught")
    func caught() async throws {
        let traces = try await replay(
            RecordedStatement("BEGIN"),
            RecordedStatement("SAVEPOINT a"),
            RecordedStatement("INSERT INTO nowhere VALUES (1)", failed: true),
            RecordedStatement("ROLLBACK TO SAVEPOINT a"),
            RecordedStatement("ALTER TABLE t ADD COLUMN x int"),
            RecordedStatement("COMMIT"),
        )
        #expect(traces[2] == nil)
        #expect(traces[4]?.locks == ["public.t": .accessExclusive])
        #expect(traces[5] == nil)
    }

    @Test("that can't be run again are said to be unwatched, and those after them are watched")
    func unwatched() async throws {
        let traces = try await replay(
            RecordedStatement("BEGIN"),
            RecordedStatement("COPY t FROM STDIN"),
            RecordedStatement("SELECT unknown_function()"),
            RecordedStatement("DROP TABLE child"),
            RecordedStatement("COMMIT"),
            RecordedStatement("COPY t FROM STDIN"),
            RecordedStatement("CREATE INDEX ON t (id)"),
        )
        #expect(traces[1]?.unwatched == "it reads rows from its client")
        #expect(traces[2]?.unwatched?.contains("unknown_function") == true)
        #expect(traces[3]?.locks["public.child"] == .accessExclusive)
        #expect(traces[5]?.unwatched == "it reads rows from its client")
        #expect(traces[6]?.locks == ["public.t": .share])
    }

    @Test("end their transaction also where its end fails, and go on after it")
    func failingEnd() async throws {
        let traces = try await replay(
            RecordedStatement("BEGIN"),
            RecordedStatement("INSERT INTO child VALUES (7)"),
            RecordedStatement("COMMIT"),
            RecordedStatement("ALTER TABLE t ADD COLUMN x int"),
        )
        #expect(traces[2]?.unwatched?.contains("violates foreign key constraint") == true)
        #expect(traces[3]?.locks == ["public.t": .accessExclusive])
        #expect(traces[3]?.transaction != traces[1]?.transaction)
    }
}
