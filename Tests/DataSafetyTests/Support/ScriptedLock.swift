// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Synchronization

/// A lock that one holder at a time gets, and that can be held by somebody else for good.
final class ScriptedLock: DatabaseLock {
    private let holders = Claims<DatabaseTarget>()
    private let log = Mutex<[String]>([])
    private let stranger = Mutex<String?>(nil)

    /// Who held it, in order.
    var purposes: [String] { log.withLock { $0 } }
    /// Whether somebody holds it now.
    var isHeld: Bool { !holders.keys.isEmpty }

    /// Gives it to somebody else for good.
    func give(to holder: String) {
        stranger.withLock { $0 = holder }
    }

    func hold<Result: Sendable>(
        _ database: DatabaseTarget,
        for purpose: String,
        waiting: Duration,
        body: @Sendable () async throws -> Result,
    ) async throws -> Result {
        if let holder = stranger.withLock({ $0 }) ?? holders.take(database, for: purpose) {
            throw Failure(.conflict, "\(database) is in use by \(holder)", isRetryable: true)
        }
        defer { holders.release(database) }
        log.withLock { $0.append(purpose) }
        return try await body()
    }
}
