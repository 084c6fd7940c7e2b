// SPDX-License-Identifier: Apache-2.0
import Core

/// Runs `body`, and tells what a server answers instead of a result as a failure of `doing`.
func telling<Result: Sendable>(_ doing: String, body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as PostgresError {
        throw error.failure(doing: doing)
    } catch let exceeded as DeadlineExceeded {
        throw Failure(.deadlineExceeded, exceeded.description, isRetryable: true)
    }
}
