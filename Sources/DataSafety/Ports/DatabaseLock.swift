// SPDX-License-Identifier: Apache-2.0

/// Keeps a backup and a migration of the same database apart (Invariant 4), in this process and among
/// several.
public protocol DatabaseLock: Sendable {
    /// Runs `body` while nobody else holds the same database, waiting for that at most `waiting`.
    ///
    /// Not re-entrant. Released when `body` returns or throws, on cancellation, and by the end of the
    /// process.
    ///
    /// - Parameters:
    ///   - database: What is held.
    ///   - purpose: Who holds it, for others to read: `backup b3`.
    ///   - waiting: How long to wait.
    ///   - body: What is done meanwhile.
    /// - Returns: What `body` returned.
    /// - Throws: `conflict`, retryable and naming who holds it, when the wait was in vain; what `body` threw.
    func hold<Result: Sendable>(
        _ database: DatabaseTarget,
        for purpose: String,
        waiting: Duration,
        body: @Sendable () async throws -> Result,
    ) async throws -> Result
}
