// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@testable import PostgresTools

@Suite("Holding a database", .tags(.postgres), .postgresCluster)
struct PostgresDatabaseLockTests {
    private let cluster: RunningCluster
    private let lock: PostgresDatabaseLock

    init() throws {
        cluster = try RunningCluster.current
        lock = PostgresDatabaseLock(layout: cluster.home.layout)
    }

    @Test("One holder at a time, in this process")
    func exclusive() async throws {
        let target = try await cluster.makeDatabase().target
        let room = Occupancy()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await lock.hold(target, for: "holder \(number)", waiting: .seconds(30)) {
                        room.enter()
                        await Task.yield()
                        room.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.most == 1)
        #expect(room.visits == 8)
    }

    @Test("A second holder in this process is refused after its wait, and told who is in the way")
    func refusedHere() async throws {
        let target = try await cluster.makeDatabase().target
        try await lock.hold(target, for: "backup b7", waiting: .seconds(10)) {
            let failure = await #expect(throws: Failure.self) {
                try await lock.hold(target, for: "a migration", waiting: .milliseconds(50)) {}
            }
            #expect(failure?.code == .conflict)
            #expect(failure?.isRetryable == true)
            #expect(failure?.message == "\(target) is in use by backup b7 and was not free within 50ms")
        }
    }

    @Test("A holder in another process is in the way too, and is named with its session")
    func refusedElsewhere() async throws {
        let target = try await cluster.makeDatabase().target
        let other = PostgresDatabaseLock(layout: cluster.home.layout)
        try await other.hold(target, for: "backup b7", waiting: .seconds(10)) {
            let failure = await #expect(throws: Failure.self) {
                try await lock.hold(target, for: "a migration", waiting: .milliseconds(200)) {}
            }
            #expect(failure?.code == .conflict)
            #expect(failure?.message.contains("is in use by opshub backup b7 (server process ") == true)
        }
        try await lock.hold(target, for: "a migration", waiting: .seconds(10)) {}
    }

    @Test("Other databases of the same server are free")
    func otherDatabase() async throws {
        let (first, second) = (
            try await cluster.makeDatabase().target, try await cluster.makeDatabase().target,
        )
        try await lock.hold(first, for: "one", waiting: .seconds(10)) {
            try await lock.hold(second, for: "two", waiting: .seconds(10)) {}
        }
    }

    @Test("It is free again after an error, after a cancellation, and when its session was killed")
    func release() async throws {
        struct Broken: Error {}
        let target = try await cluster.makeDatabase().target
        await #expect(throws: Broken.self) {
            try await lock.hold(target, for: "one", waiting: .seconds(10)) { throw Broken() }
        }
        let task = Task {
            try await lock.hold(target, for: "two", waiting: .seconds(10)) {
                try await ContinuousClock().sleep(for: .seconds(60))
            }
        }
        try await until { try await isLocked(target) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await lock.hold(target, for: "three", waiting: .seconds(10)) {
            try await cluster.administer(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'opshub three'",
            )
        }
        try await lock.hold(target, for: "four", waiting: .seconds(10)) {}
    }

    @Test("Waiting for it ends with a cancellation")
    func cancelledWait() async throws {
        let target = try await cluster.makeDatabase().target
        let other = PostgresDatabaseLock(layout: cluster.home.layout)
        try await other.hold(target, for: "one", waiting: .seconds(10)) {
            let task = Task { try await lock.hold(target, for: "two", waiting: .seconds(60)) {} }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("CREATE INDEX CONCURRENTLY does not wait for it")
    func concurrently() async throws {
        let database = try await cluster.makeDatabase("CREATE TABLE t AS SELECT 1 AS x")
        try await lock.hold(database.target, for: "a migration", waiting: .seconds(10)) {
            try await database.run("SET statement_timeout = '20s'", "CREATE INDEX CONCURRENTLY ix ON t (x)")
        }
    }

    private func isLocked(_ target: DatabaseTarget) async throws -> Bool {
        try await cluster.value(
            target.name,
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted",
        ) != "0"
    }
}
