// SPDX-License-Identifier: Apache-2.0
import Core
import Synchronization

/// So many builds run at a time, however many environments are deployed at once: what serves needs the machine too.
final class BuildTurns: Sendable {
    private let count: Int
    private let running = Mutex(0)

    /// Lets `count` run at a time.
    init(count: Int) {
        self.count = max(1, count)
    }

    /// Runs `body` when it is its turn; `onWait` is called once when it is not at first.
    ///
    /// Throws `CancellationError` when cancelled before its turn.
    func take<Result>(
        onWait: () async -> Void,
        _ body: () async throws -> Result,
    ) async throws -> Result {
        var hasWaited = false
        while !begin() {
            if !hasWaited { await onWait() }
            hasWaited = true
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
        defer { running.withLock { $0 -= 1 } }
        return try await body()
    }

    private func begin() -> Bool {
        running.withLock { running in
            guard running < count else { return false }
            running += 1
            return true
        }
    }
}
