// SPDX-License-Identifier: Apache-2.0
public import API
public import Core

/// Stores that copies of backups go to, as people speak of them.
public protocol StoreDesk: Sendable {
    /// Every store, by name.
    func stores() async throws -> [StoreView]

    /// Adds a store, or says anew where it is, after writing something there and reading it back.
    func add(_ order: StoreOrder) async throws -> StoreView

    /// Writes something there, reads it back, and removes it. Throws `not-found`, or what keeps it from that.
    func check(_ name: StoreName) async throws -> StoreView

    /// Forgets a store; what it has stays there. Throws `not-found`, or `conflict` while backups go there.
    func remove(_ name: StoreName) async throws -> StoreView

    /// What it has of an environment, read from there. Throws `not-found`.
    func contents(of name: StoreName, in environment: EnvironmentKey) async throws -> StoreContentsView
}
