// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import Testing

@testable import PostgresTools

@Suite("A session with PostgreSQL", .tags(.postgres), .postgresCluster)
struct PostgresSessionTests {
    @Test("Parameters and values keep quotes, empty texts, NULL and every character")
    func parameters() async throws {
        let endpoint = try RunningCluster.current.administrator()
        let rows = try await PostgresSession.with(endpoint) { session in
            try await session.query(
                "SELECT $1::text, $2::text, $3::text, 'ünïcode 🚢'",
                ["it's \"x\" \\ ;", "", nil],
            )
        }
        #expect(rows == [PostgresRow(values: ["it's \"x\" \\ ;", "", nil, "ünïcode 🚢"])])
    }

    @Test("A row gives numbers, truths and, where there is nothing, nothing")
    func values() async throws {
        let endpoint = try RunningCluster.current.administrator()
        let rows = try await PostgresSession.with(endpoint) {
            try await $0.query("SELECT 42, true, NULL::int")
        }
        let row = try #require(rows.first)
        #expect(row.integer(0) == 42)
        #expect(row.isTrue(1))
        #expect(!row.isTrue(0))
        #expect(row.integer(2) == nil)
        #expect(row[2].isEmpty)
        #expect(row[9].isEmpty)
        #expect(row.integer(1) == nil)
    }

    @Test("A refused statement tells its SQLSTATE, place and text, and the session goes on")
    func refusal() async throws {
        let endpoint = try RunningCluster.current.administrator()
        try await PostgresSession.with(endpoint) { session in
            let error = try #require(await error { try await session.query("SELECT nothing FROM nowhere") })
            #expect(error.sqlState == "42P01")
            #expect(error.message == "relation \"nowhere\" does not exist")
            #expect(error.statement == "SELECT nothing FROM nowhere")
            #expect(error.position == 21)
            #expect(!error.isUnavailable)
            #expect(try await session.query("SELECT 1").first?[0] == "1")
        }
    }

    @Test("Without a server the error says so and counts as unavailable")
    func noServer() async throws {
        let endpoint = PostgresEndpoint(host: "127.0.0.1", port: 1, database: "x", user: "x")
        let error = try #require(await error { _ = try await PostgresSession.connect(endpoint) })
        #expect(error.sqlState == nil)
        #expect(error.isUnavailable)
        #expect(error.message.contains("Connection refused"))
        #expect(error.failure(doing: "connecting").code == .unreachable)
        #expect(error.failure(doing: "connecting").isRetryable)
    }

    @Test(
        "A refused connection has the SQLSTATE that the server gave",
        arguments: [
            ("28P01", "tracehub", "tracehub"), ("28P01", "tracehub", "nobody"), ("28000", "postgres", ""),
        ],
    )
    func refusedConnection(state: String, database: String, user: String) async throws {
        let cluster = try RunningCluster.current
        let endpoint = PostgresEndpoint(
            host: "127.0.0.1",
            port: cluster.address.port,
            database: database,
            user: user.isEmpty ? ClusterRecord.superuser : user,
            password: Secret("wrong"),
        )
        let error = try #require(await error { _ = try await PostgresSession.connect(endpoint) })
        #expect(error.sqlState == state)
        #expect(!error.isUnavailable)
        #expect(!error.message.contains("LOCATION"))
    }

    @Test("A database that is not there is told by its SQLSTATE")
    func noDatabase() async throws {
        let endpoint = try RunningCluster.current.administrator("not_there")
        let error = try #require(await error { _ = try await PostgresSession.connect(endpoint) })
        #expect(error.sqlState == "3D000")
        #expect(error.message == "database \"not_there\" does not exist")
    }

    @Test("A URL reaches the same database as its parts")
    func url() async throws {
        let database = try await RunningCluster.current.makeDatabase()
        let name = try await PostgresSession.with(PostgresEndpoint(url: database.url)) { session in
            try await session.query("SELECT current_database() || ' ' || current_user").first?[0]
        }
        #expect(name == "\(database.name) tracehub")
    }

    @Test("Settings with spaces and backslashes reach the session, and so does its name")
    func settings() async throws {
        let endpoint = try RunningCluster.current.administrator()
            .with(settings: ["lock_timeout": "1234", "search_path": "a\\b, public"]).named("opshub test")
        let row = try await PostgresSession.with(endpoint) { session in
            try await session.query(
                "SELECT current_setting('lock_timeout'), current_setting('search_path'), "
                    + "current_setting('application_name')"
            )
            .first
        }
        #expect(row?.values == ["1234ms", "a\\b, public", "opshub test"])
    }

    @Test("Cancelling a task ends its statement on the server, and the session can be used again")
    func cancellation() async throws {
        let cluster = try RunningCluster.current
        let endpoint = try cluster.administrator().named("cancelled one")
        try await PostgresSession.with(endpoint) { session in
            let sleeper = Task { try await session.query("SELECT pg_sleep(60)") }
            try await until { try await cluster.count(of: "cancelled one", state: "active") == 1 }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
            #expect(try await session.query("SELECT 1").first?[0] == "1")
        }
        try await until { try await cluster.count(of: "cancelled one", state: "active") == 0 }
    }

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let endpoint = try RunningCluster.current.administrator()
        let session = try await PostgresSession.connect(endpoint)
        let task = Task {
            try? await ContinuousClock().sleep(for: .seconds(60))
            return try await session.query("SELECT 1")
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await session.query("SELECT 2").first?[0] == "2")
    }

    @Test("A statement that takes too long ends with its own error, and the session can be used again")
    func deadline() async throws {
        let endpoint = try RunningCluster.current.administrator()
        try await PostgresSession.with(endpoint) { session in
            let error = await #expect(throws: DeadlineExceeded.self) {
                try await session.query("SELECT pg_sleep(60)", deadline: .milliseconds(100))
            }
            #expect(error?.after == .milliseconds(100))
            let rows = try await session.query("SELECT 1")
            #expect(rows.first?[0] == "1")
        }
    }

    @Test("A frozen server costs its deadline and not for ever, and then the session is over")
    func frozen() async throws {
        let endpoint = try RunningCluster.current.administrator()
        let session = try await PostgresSession.connect(endpoint)
        let process = try #require(try await session.query("SELECT pg_backend_pid()").first?.integer(0))
        kill(Int32(process), SIGSTOP)
        defer { kill(Int32(process), SIGCONT) }
        await #expect(throws: DeadlineExceeded.self) {
            try await session.query("SELECT 1", deadline: .milliseconds(100))
        }
        let error = try #require(await error { try await session.query("SELECT 1") })
        #expect(error.message.hasSuffix("was closed"))
    }

    @Test("A backend that is killed makes the session unavailable")
    func killed() async throws {
        let cluster = try RunningCluster.current
        let session = try await PostgresSession.connect(try cluster.administrator())
        let process = try #require(try await session.query("SELECT pg_backend_pid()").first?[0])
        try await cluster.administer("postgres", "SELECT pg_terminate_backend(\(process), 5000)")
        let error = try #require(await error { try await session.query("SELECT 1") })
        #expect(error.isUnavailable)
        #expect(error.sqlState == "57P01" || error.sqlState == nil)
    }

    @Test("Many sessions wait at the same time, and other tasks go on meanwhile")
    func manyAtOnce() async throws {
        let cluster = try RunningCluster.current
        let endpoint = try cluster.administrator().named("one of many")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    _ = try await PostgresSession.with(endpoint) { session in
                        try await session.query("SELECT pg_sleep(60)")
                    }
                }
            }
            try await until { try await cluster.count(of: "one of many", state: "active") == 40 }
            group.cancelAll()
            while let result = await group.nextResult() {
                #expect(throws: CancellationError.self) { try result.get() }
            }
        }
    }

    @Test("A large value arrives whole")
    func largeValue() async throws {
        let endpoint = try RunningCluster.current.administrator()
        try await PostgresSession.with(endpoint) { session in
            let text = String(repeating: "0123456789abcdef", count: 1 << 18)
            let rows = try await session.query("SELECT $1::text, length($1)", [text])
            #expect(rows.first?[0] == text)
            #expect(rows.first?.integer(1) == 4 << 20)
        }
    }

    @Test("COPY to the client is refused, not waited for")
    func copy() async throws {
        let endpoint = try RunningCluster.current.administrator()
        let session = try await PostgresSession.connect(endpoint)
        let error = try #require(await error { try await session.query("COPY (SELECT 1) TO STDOUT") })
        #expect(error.message.contains("COPY"))
    }

    @Test("A password becomes a verifier before it is sent")
    func verifier() async throws {
        let endpoint = try RunningCluster.current.administrator()
        let text = try await PostgresSession.with(endpoint) { session in
            try await session.verifier(of: Secret("correct horse"), for: "somebody")
        }
        #expect(text.hasPrefix("SCRAM-SHA-256$4096:"))
        #expect(!text.contains("horse"))
    }

    @Test("A closed session refuses, and closing again does nothing")
    func closed() async throws {
        let session = try await PostgresSession.connect(try RunningCluster.current.administrator())
        await session.close()
        await session.close()
        let error = try #require(await error { try await session.query("SELECT 1") })
        #expect(error.message.hasSuffix("was closed"))
    }
}

extension RunningCluster {
    /// How many sessions of this name are in this state.
    fileprivate func count(of name: String, state: String) async throws -> Int {
        let text = try await value(
            "postgres",
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(name)' AND state = '\(state)'",
        )
        return Int(text) ?? -1
    }
}
