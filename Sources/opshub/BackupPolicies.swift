// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import FoundationEssentials
import Manifest

/// What each environment's manifest says of its backups, and what its deployments rely on: what the data-safety engine is
/// told, since it knows nothing of releases.
struct BackupPolicies {
    let records: any DeliveryRecords

    /// All that there are.
    func environments() async throws -> [EnvironmentKey] { try await records.environments().map(\.key) }

    /// Whether a deployment of it is doing something, not only waiting.
    func isBusy(_ key: EnvironmentKey) async throws -> Bool {
        try await records.unfinishedDeployments()
            .contains { deployment in
                guard deployment.environment == key else { return false }
                switch deployment.phase {
                case .performing, .undoing: return true
                case .queued, .awaitingApproval, .awaitingDecision, .ended: return false
                }
            }
    }

    /// The policy of an environment, by what serves there; nil where nothing serves, or nothing is to be backed up.
    func policy(of key: EnvironmentKey) async throws -> BackupPolicy? {
        guard let serving = try await records.environment(key)?.serving,
            let release = try await records.release(serving.release),
            let environment = release.manifest.environment(key.environment),
            case let kept = release.manifest.accessories.compactMap({ DatabaseTarget(key, $0) }),
            !kept.isEmpty
        else { return nil }
        let releases = try await records.releases(of: key, limit: 1000)
        return try BackupPolicy(
            environment.backup,
            of: kept,
            archived: release.manifest.accessories.filter { $0.archive == .wal }
                .compactMap { DatabaseTarget(key, $0) },
            since: releases.map(\.createdAt).min() ?? release.createdAt,
        )
    }

    /// PostgreSQL's databases of an environment, and which of them keep their servers' logs, and for how long; nil where nothing serves.
    func archives(
        of key: EnvironmentKey
    ) async throws -> (all: [DatabaseTarget], kept: Set<DatabaseTarget>, window: Duration)? {
        guard let serving = try await records.environment(key)?.serving,
            let release = try await records.release(serving.release),
            let environment = release.manifest.environment(key.environment)
        else { return nil }
        let databases = release.manifest.accessories.filter(\.isDatabase)
        return (
            databases.compactMap { DatabaseTarget(key, $0) },
            Set(databases.filter { $0.archive == .wal }.compactMap { DatabaseTarget(key, $0) }),
            environment.backup.keepsWindow,
        )
    }

    /// Backups that a deployment may still want, or a rollback to a release that can still be started.
    func inUse(in key: EnvironmentKey) async throws -> Set<BackupID> {
        let releases = try await records.releases(of: key, limit: 1000)
        let startable = Set(releases.filter { $0.retiredAt == nil }.map(\.id))
        let relying = try await records.deployments(of: key, limit: 1000)
            .filter { !$0.isOver || startable.contains($0.release) }
        // Also into another environment.
        let restored = try await records.unfinishedDeployments()
            .compactMap { deployment -> BackupID? in
                guard case .backup(let id)? = deployment.restoration?.source else { return nil }
                return BackupID(id)
            }
        return Set(relying.flatMap { $0.backups.map { BackupID($0.id) } } + restored)
    }

    /// Whether the copy that a restore has made is still needed, or the database that it has replaced.
    ///
    /// What nobody knows is never dropped.
    func needs(
        _ order: String,
        isKept: Bool,
        for term: Duration,
        at now: () async throws -> Date,
    ) async throws -> Bool {
        let id = DeploymentID(String(order.prefix { $0 != "_" }))
        guard let deployment = try await records.deployment(id), deployment.restoration?.order == order,
            let end = deployment.concludedAt
        else { return true }
        let isWanted = try await records.unfinishedDeployments()
            .contains { $0.restoration?.source == .kept(by: id, as: order) }
        if isWanted { return true }
        guard isKept else { return false }
        return try await end.addingTimeInterval(term.inSeconds) > now()
    }
}
