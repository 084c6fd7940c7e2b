// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Hummingbird

/// Migrations: where a schema is, how it came there, and whether it could come there again.
struct MigrationRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        let environment = router.group("projects/{project}/environments/{environment}/migrations")
        environment.get(use: status)
        environment.get("history", use: history)
        environment.post("verification", use: verify)
    }

    private func status(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.migrations.status(try await target(request, context)))
    }

    private func verify(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.migrations.verify(try await target(request, context)))
    }

    private func history(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        _ = try await control.knownEnvironment(key)
        let deployments = try await control.ports.records.deployments(of: key, limit: 1000)
        return try .json(deployments.flatMap { MigrationHistoryView.lines(of: $0) })
    }

    private func target(_ request: Request, _ context: ServerContext) async throws -> MigrationTarget {
        let key = try context.environmentKey()
        _ = try await control.knownEnvironment(key)
        let release = request.uri.queryParameters["release"].map { ReleaseID(String($0)) }
        return try await control.engine.migrationTarget(key, release: release)
    }
}

extension MigrationHistoryView {
    /// What a deployment has done to the schema, newest first.
    static func lines(of deployment: Deployment) -> [MigrationHistoryView] {
        guard let begunAt = deployment.begunAt else { return [] }
        let outcome = deployment.phase.verdict?.outcome.rawValue
        if let restoration = deployment.restoration {
            guard outcome == "succeeded" else { return [] }
            return [
                MigrationHistoryView(
                    revision: nil,
                    title: "\(restoration.source) restored",
                    deployment: deployment.id.rawValue,
                    release: deployment.release.rawValue,
                    at: begunAt,
                    outcome: outcome,
                    backup: deployment.backups.first?.id,
                )
            ]
        }
        return deployment.applied.reversed()
            .map { migration in
                MigrationHistoryView(
                    revision: migration.revision,
                    title: migration.title,
                    deployment: deployment.id.rawValue,
                    release: deployment.release.rawValue,
                    at: begunAt,
                    outcome: outcome,
                    backup: deployment.backups.first?.id,
                )
            }
    }
}
