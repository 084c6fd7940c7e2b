// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Manifest
import Testing

@testable import PostgresTools

@Suite("The watch over a migration's locks", .tags(.postgres, .slow), .postgresCluster)
struct LockWatchTests {
    /// A database at revision 0001, whose table somebody reads in a transaction until `body` is done.
    private func held(
        lockTimeout: Duration,
        body: (MigrationBench, PostgresSession) async throws -> Void,
    ) async throws {
        let cluster = try RunningCluster.current
        let bench = MigrationBench(
            try await cluster.makeDatabase(),
            .alembic,
            AlembicMigrations(builder: AccountBuildRunner(), lockTimeout: lockTimeout),
            in: try await AlembicProject.make(in: cluster.home).folder,
        )
        try await bench.tool.apply([MigrationRevision("0001")], of: bench.job) { _ in }
        try await PostgresSession.with(bench.database.endpoint) { holder in
            try await holder.query("BEGIN")
            try await holder.query("SELECT count(*) FROM shipments")
            try await body(bench, holder)
        }
    }

    /// Its driver reads no `PGOPTIONS`, and so its server knows no limit.
    private func deaf(_ bench: MigrationBench, timeout: Duration = .seconds(90)) -> MigrationJob {
        bench.job(timeout: timeout, variables: ["DATABASE_URL": bench.database.url, "DEAF": Secret("1")])
    }

    @Test(
        "ends what waits longer than it may where the driver does not say so to the server, and nothing of the application's"
    )
    func deafDriver() async throws {
        try await held(lockTimeout: .seconds(1)) { bench, holder in
            let application = try await PostgresSession.connect(bench.database.endpoint)
            let process = await application.process
            let serving = Task {
                try await application.query("BEGIN")
                try await application.query("LOCK TABLE shipments IN ROW EXCLUSIVE MODE")
                try await application.query("LOCK TABLE shipments IN ACCESS EXCLUSIVE MODE")
                try await application.query("COMMIT")
            }
            let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = \(process)"
            try await until(.seconds(60)) { try await bench.database.value(waiting) == "1" }

            let failure = await #expect(throws: Failure.self) {
                try await bench.tool.apply([MigrationRevision("0002")], of: deaf(bench)) { _ in }
            }
            #expect(failure?.isRetryable == true)
            #expect(failure?.message == "revision 0002 failed: it waited for a lock for more than 1.0s")
            let named = "it waited for server process \(process) ("
            #expect(
                failure?.evidence.contains { $0.hasPrefix(named) } == true,
                "\(String(describing: failure))",
            )
            #expect(try await bench.database.value(waiting) == "1")
            try await holder.query("COMMIT")
            try await serving.value
            await application.close()
            try await bench.tool.apply([MigrationRevision("0002")], of: deaf(bench)) { _ in }
        }
    }

    @Test("leaves no session of a migration that was ended, though its statement has no end")
    func leftover() async throws {
        try await held(lockTimeout: .seconds(80)) { bench, _ in
            let task = Task {
                try await bench.tool.apply([MigrationRevision("0002")], of: deaf(bench)) { _ in }
            }
            let waiting =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(bench.database.name)' AND query LIKE 'ALTER%'"
            let cluster = bench.database.cluster
            try await until(.seconds(60)) { try await cluster.value("postgres", waiting) == "1" }
            // Seen by whoever asks at this moment, and so by the watch a moment later.
            try await ContinuousClock().sleep(for: .seconds(1))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await until(.seconds(30)) { try await cluster.value("postgres", waiting) == "0" }
        }
    }

    @Test(
        "says of a revision that could not be taken back in time for whom it waited"
    )
    func wayBack() async throws {
        try await held(lockTimeout: .seconds(8)) { bench, holder in
            let entry = try #require(
                try await bench.tool.history(of: bench.job).first { $0.id.rawValue == "0001" }
            )
            let failure = await #expect(throws: Failure.self) {
                try await bench.tool.revert(entry, of: bench.job)
            }
            #expect(
                failure?.message
                    .hasPrefix("taking revision 0001 back failed: (psycopg.errors.LockNotAvailable)") == true
            )
            let named = "it waited for server process \(await holder.process) ("
            #expect(failure?.evidence.first?.hasPrefix(named) == true, "\(String(describing: failure))")
        }
    }
}
