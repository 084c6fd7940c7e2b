// SPDX-License-Identifier: Apache-2.0
public import Core
import Manifest

extension DeliveryRecords {
    /// The newest deployment that has ended and may have run another release than the one that serves now, or migrations: what was asked
    /// of a database before its end may be nobody's any more.
    public func lastDisturbance(of key: EnvironmentKey) async throws -> DeploymentID? {
        try await deployments(of: key, limit: 200)
            .first { deployment in
                guard deployment.isOver, let verdict = deployment.phase.verdict else { return false }
                return verdict.outcome == .succeeded || verdict.undone.contains(.stopIncoming)
                    || verdict.undone.contains(.returnSchema)
                    || !deployment.applied.isEmpty || deployment.reverted != nil
            }?
            .id
    }
}

extension DeliveryEngine {
    /// Where the migrations of a built release are, and the database that they are about; changes nothing.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - release: The release; the one that serves when nil.
    /// - Returns: What migrations are run with.
    /// - Throws: `conflict` when nothing serves, or the release has no build; `not-found` when there is no such release, or it has
    ///   no migrations.
    public func migrationTarget(_ key: EnvironmentKey, release: ReleaseID?) async throws -> MigrationTarget {
        let serving = try await ports.records.environment(key)?.serving?.release
        guard let id = release ?? serving else {
            throw Failure(
                .conflict,
                "nothing serves \(key)",
                hint: "name a release that was built: opshub release list -e \(key.environment)",
            )
        }
        let found = try await known(id, in: key)
        if let retiredAt = found.retiredAt { throw Failure.retired(found, at: retiredAt) }
        guard found.builtAt != nil, let environment = found.manifest.environment(key.environment),
            let deployment = try await ports.records.deployments(of: key, limit: 500)
                .first(where: { $0.release == id })
        else {
            throw Failure(
                .conflict,
                "\(id) was never built to its end",
                hint: "opshub deploy -e \(key.environment) --ref \(found.commit.id.short)",
            )
        }
        let context = StepContext(
            deployment: deployment,
            release: found,
            environment: environment,
            slot: deployment.slot ?? .blue,
            ports: ports,
            settings: settings,
            tell: { _ in },
        )
        guard let target = try await context.migrationTarget() else {
            throw Failure(
                .notFound,
                "\(id) has no migrations",
                hint: "see 'migrations:' in opshub.yml: opshub check --schema",
            )
        }
        return target
    }
}
