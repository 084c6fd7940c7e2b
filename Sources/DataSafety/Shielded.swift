// SPDX-License-Identifier: Apache-2.0

/// Runs a write to its end also when the caller's task is cancelled, and returns when it has ended.
func shielded<Result: Sendable>(_ write: @Sendable @escaping () async throws -> Result) async throws -> Result
{
    // A task of its own, because cancellation must not undo an outcome that was reached; awaited right here.
    try await Task(name: "shielded write") { try await write() }.value
}
