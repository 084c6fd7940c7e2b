// SPDX-License-Identifier: Apache-2.0
import Core

/// Runs `body` under a deadline that is told as a failure: `deadline-exceeded`.
func limited<Result: Sendable>(
    _ limit: Duration,
    _ operation: String,
    body: @Sendable @escaping () async throws -> Result,
) async throws -> Result {
    do {
        return try await withDeadline(limit, operation, body: body)
    } catch let exceeded as DeadlineExceeded {
        throw Failure(.deadlineExceeded, exceeded.description, isRetryable: true)
    }
}
