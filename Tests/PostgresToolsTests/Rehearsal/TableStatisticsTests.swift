// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@testable import PostgresTools

@Suite("What a server knows of its tables", .tags(.postgres), .postgresCluster)
struct TableStatisticsTests {
    @Test("is their size, and what has come to them since it counts, unless that is too short a time")
    func traffic() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE busy (n int PRIMARY KEY)",
            "CREATE TABLE idle (n int)",
            "CREATE TABLE split (n int) PARTITION BY RANGE (n)",
            "CREATE TABLE half PARTITION OF split FOR VALUES FROM (0) TO (10)",
            "INSERT INTO busy SELECT generate_series(1, 1000)",
            "INSERT INTO split SELECT generate_series(0, 9)",
            "SELECT count(*) FROM busy",
        )
        func read(_ least: Double) async throws -> [String: TableStatistics] {
            try await PostgresSession.with(try cluster.administrator(database.name)) {
                try await TableStatistics.all($0, countedFor: least)
            }
        }
        // A server counts what a session has done when that has ended, or a second later.
        try await until { try await read(0)["public.busy"]?.traffic?.writes ?? 0 > 0 }
        let found = try await read(0)
        #expect(try #require(found["public.busy"]?.traffic).reads > 0)
        #expect(found["public.idle"]?.traffic == TableTraffic(writes: 0, reads: 0))
        #expect(found["public.split"]?.traffic == nil && found["public.split"]?.isPartitioned == true)
        #expect(try #require(found["public.half"]?.traffic).writes > 0)
        #expect(try await read(1e9)["public.busy"]?.traffic == nil)
        #expect(try #require(found["public.busy"]).hasRows && found["public.idle"]?.hasRows == false)
    }
}
