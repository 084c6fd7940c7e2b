// SPDX-License-Identifier: Apache-2.0
public import API
public import Core
public import Delivery

/// Restores as people ask for them.
public protocol RestoreDesk: Sendable {
    /// What a restore would mean; changes nothing.
    ///
    /// - Throws: `not-found` for a backup that there is not, `conflict` where there is nothing to restore, or nothing serves.
    func outlook(_ order: RestoreOrder, in environment: EnvironmentKey) async throws -> RestoreView

    /// Brings one table back beside the one that is there.
    ///
    /// - Throws: As ``outlook(_:in:)`` does; `conflict` when there is a table of that name.
    func restore(
        _ order: TableRestoreOrder,
        in environment: EnvironmentKey,
    ) async throws -> RestoredTableView

    /// What the engine is to do; throws as ``outlook(_:in:)`` does.
    func restoration(_ order: RestoreOrder, in environment: EnvironmentKey) async throws -> Restoration
}
