// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery

/// Locks of a test with one control plane: nobody ever waits.
public struct ScriptedLocks: EnvironmentLocks {
    /// Locks that are always free.
    public init() {}

    /// Runs it.
    public func hold(_ environment: EnvironmentKey, _ body: @Sendable () async throws -> Void) async throws {
        try await body()
    }
}
