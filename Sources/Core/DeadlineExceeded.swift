// SPDX-License-Identifier: Apache-2.0

/// A call did not end in the time it had.
///
/// Never thrown as `CancellationError`.
public struct DeadlineExceeded: Error, Hashable, Sendable {
    /// What was being done, as the object of "gave up on …".
    public let operation: String
    /// How long it was given.
    public let after: Duration

    /// Names the operation and the time that it was given.
    public init(operation: String, after: Duration) {
        self.operation = operation
        self.after = after
    }
}

extension DeadlineExceeded: CustomStringConvertible {
    /// One sentence.
    public var description: String { "\(operation) did not end within \(after.briefly)" }
}

/// Runs `body`, and cancels it when `limit` has passed.
///
/// - Parameters:
///   - limit: How long `body` may take on `clock`.
///   - operation: What is being done, for the error.
///   - clock: The clock that measures.
///   - body: The work; it must react to cancellation.
/// - Returns: What `body` returned.
/// - Throws: ``DeadlineExceeded`` when the limit passed first, otherwise what `body` threw.
public func withDeadline<Result: Sendable>(
    _ limit: Duration,
    _ operation: String,
    clock: some Clock<Duration> = ContinuousClock(),
    body: @Sendable @escaping () async throws -> Result,
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask(name: operation) { try await body() }
        group.addTask(name: "deadline of \(operation)") {
            try await clock.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else {
            throw DeadlineExceeded(operation: operation, after: limit)
        }
        return result
    }
}
