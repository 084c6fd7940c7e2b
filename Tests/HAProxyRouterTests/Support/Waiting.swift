// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

/// Waits for something that must become true, and ends the test when it did not.
///
/// The limit is there to end a broken test, not to time a good one.
func eventually(
    _ what: Comment,
    within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool,
) async throws {
    let isTrue = try await Patience.wait(limit, until: condition)
    try #require(isTrue, what, sourceLocation: sourceLocation)
}
