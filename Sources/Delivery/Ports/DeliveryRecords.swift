// SPDX-License-Identifier: Apache-2.0
public import Core

/// Reads what was written about deployments, releases and environments.
///
/// What does not exist is nil or empty.
public protocol DeliveryRecords: Sendable {
    /// One deployment.
    func deployment(_ id: DeploymentID) async throws -> Deployment?

    /// Newest first; of one environment when given.
    func deployments(of environment: EnvironmentKey?, limit: Int) async throws -> [Deployment]

    /// Those that have not been concluded, oldest first.
    func unfinishedDeployments() async throws -> [Deployment]

    /// A deployment's journal after a line, oldest first.
    func journal(of deployment: DeploymentID, after sequence: Int, limit: Int) async throws -> [JournalEntry]

    /// One release.
    func release(_ id: ReleaseID) async throws -> Release?

    /// Newest first.
    func releases(of environment: EnvironmentKey, limit: Int) async throws -> [Release]

    /// One environment's record.
    func environment(_ key: EnvironmentKey) async throws -> EnvironmentRecord?

    /// All of them, in order.
    func environments() async throws -> [EnvironmentRecord]
}
