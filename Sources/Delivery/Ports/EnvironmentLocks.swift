// SPDX-License-Identifier: Apache-2.0
public import Core

/// Keeps two control planes from acting on one environment at the same time.
///
/// A lease decides who may write; it can run out while its holder is paused in the middle of an effect. The lock does
/// not: the next holder waits until the paused one goes on, finds its lease stale and lets go, or is ended.
public protocol EnvironmentLocks: Sendable {
    /// Runs `body` while nobody else is in `hold` with this environment, and waits for that first.
    ///
    /// The lock goes with the process that has it, however that ends.
    func hold(_ environment: EnvironmentKey, _ body: @Sendable () async throws -> Void) async throws
}
