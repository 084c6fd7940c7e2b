// SPDX-License-Identifier: Apache-2.0
public import API
public import Core
public import Delivery

/// Migrations as people ask about them.
public protocol MigrationDesk: Sendable {
    /// Where the schema is, for a release.
    func status(_ target: MigrationTarget) async throws -> MigrationStatusView

    /// What a release's migrations do from nothing to the newest, on a server of their own; with rows of the newest verified backup
    /// where that is wanted.
    func verify(_ target: MigrationTarget, withRows: Bool) async throws -> VerificationView

    /// Which migrations of the environment are being verified at this moment.
    func underWay(in environment: EnvironmentKey) -> [ProgressView]
}
