// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

/// Waits for something that must become true, and says so when it did not.
func eventually(
    _ what: Comment,
    within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool,
) async throws {
    let isTrue = try await Patience.wait(limit, until: condition)
    #expect(isTrue, what, sourceLocation: sourceLocation)
}
