// SPDX-License-Identifier: Apache-2.0
import Testing

/// Gives a suite a running PostgreSQL server, and removes it when the suite has ended.
struct PostgresClusterTrait: SuiteTrait, TestScoping {
    var isRecursive: Bool { false }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void,
    ) async throws {
        try await RunningCluster.lend { try await function() }
    }
}

extension Trait where Self == PostgresClusterTrait {
    /// A running PostgreSQL server for the whole suite.
    static var postgresCluster: Self { Self() }
}
