// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

@testable import PostgresTools

/// Looks until something is true; a failure of the test when it does not become so in time.
func until(
    _ limit: Duration = .seconds(240),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool,
) async throws {
    let isTrue = try await Patience.wait(limit, until: condition)
    try #require(isTrue, "did not happen within \(limit)", sourceLocation: sourceLocation)
}

/// The server's refusal of `body`; nil when it was not refused.
func error(_ body: () async throws -> Void) async throws -> PostgresError? {
    do {
        try await body()
        return nil
    } catch let error as PostgresError {
        return error
    }
}
