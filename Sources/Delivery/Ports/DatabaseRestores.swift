// SPDX-License-Identifier: Apache-2.0
public import Core

/// Puts an earlier state of a database in its place, and takes that back.
///
/// Whatever fails, the database that serves is complete under its own name before and after each call; everything is
/// idempotent for one deployment.
public protocol DatabaseRestores: Sendable {
    /// Makes what shall take the place exist beside the database, complete and compared. Nobody but OpsHub gets into it.
    ///
    /// - Returns: What was compared, in one sentence.
    /// - Throws: `backup-failed` when it is not what it should be, `disk-full` before the disk is.
    func prepare(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String

    /// Keeps everybody but OpsHub out of the database, and ends who is in it.
    func shut(_ accessory: AccessorySpecification) async throws

    /// Puts what was prepared in the database's place and lets everybody in, at once; the present one is kept aside.
    ///
    /// - Returns: The name that the present one is kept under.
    func exchange(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String

    /// Makes everything as it was before the deployment, wherever that has come to: the database in its place, open; the
    /// copy gone.
    func takeBack(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws
}
