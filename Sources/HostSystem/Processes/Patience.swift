// SPDX-License-Identifier: Apache-2.0

/// Waits for something of the outside world that tells nobody when it happens.
public enum Patience {
    /// Looks again and again, at first often, until `condition` is true; false when `limit` has passed.
    ///
    /// `pause` is the first pause between two looks; it grows to 50 ms, or stays when it is longer. Throws
    /// `CancellationError` as soon as the task is cancelled, and what `condition` throws.
    public static func wait(
        _ limit: Duration,
        pause: Duration = .milliseconds(2),
        until condition: () async throws -> Bool,
    ) async throws -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + limit
        var pause = pause
        while try await !condition() {
            guard clock.now < end else { return false }
            try await clock.sleep(for: pause)
            pause = max(pause, min(pause * 2, .milliseconds(50)))
        }
        return true
    }
}
