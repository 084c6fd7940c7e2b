// SPDX-License-Identifier: Apache-2.0
import Testing

/// Gives a suite one running edge, and removes it when the suite has ended.
struct RoutedEdgeTrait: SuiteTrait, TestScoping {
    var isRecursive: Bool { false }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void,
    ) async throws {
        try await RoutedEdge.lend { try await function() }
    }
}

extension Trait where Self == RoutedEdgeTrait {
    /// One running edge for the whole suite.
    static var routedEdge: Self { Self() }
}
