// SPDX-License-Identifier: Apache-2.0

/// How often a migration is tried when it can't have a lock, and how long it waits in between.
public struct MigrationRetries: Hashable, Sendable {
    /// Attempts in all; 5 by default.
    public var attempts: Int
    /// The pause after the first attempt, doubled after each; 1 s by default.
    public var pause: Duration

    /// Describes retries.
    public init(attempts: Int = 5, pause: Duration = .seconds(1)) {
        self.attempts = max(1, attempts)
        self.pause = pause
    }

    /// The pause after the n-th attempt, from 1; never more than 16 times the first.
    public func pause(after attempt: Int) -> Duration {
        pause * (1 << min(max(attempt - 1, 0), 4))
    }
}
