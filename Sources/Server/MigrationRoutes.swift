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
        environment.get("way-back", use: wayBack)
        environment.post("changes", use: change)
    }

    private func status(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.migrations.status(try await target(request, context)))
    }

    private func verify(_ request: Request, _ context: ServerContext) async throws -> Response {
        let withRows = request.uri.queryParameters["rows"] == "true"
        let target = try await target(request, context)
        return try .json(try await control.migrations.verify(target, withRows: withRows))
    }

    private func history(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        _ = try await control.knownEnvironment(key)
        let deployments = try await control.ports.records.deployments(of: key, limit: 1000)
        return try .json(deployments.flatMap { MigrationHistoryView.lines(of: $0) })
    }

    private func wayBack(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        _ = try await control.knownEnvironment(key)
        let stays = request.uri.queryParameters["to"].map { $0.split(separator: ",").map(String.init) } ?? []
        let (migrations, objections, losses) = try await control.engine.wayBack(
            key,
            to: try revisions(stays),
        )
        return try .json(
            WayBackView(
                migrations: migrations.map { .init(revision: $0.revision, title: $0.title) },
                objections: objections,
                losses: losses,
            )
        )
    }

    private func change(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        let order = try await request.order(SchemaOrder.self, or: SchemaOrder(direction: ""))
        _ = try await control.knownEnvironment(key)
        guard order.confirm == key.environment.rawValue else {
            throw Failure(
                .invalid,
                "this changes the schema of \(key), and 'confirm' does not say '\(key.environment)'",
                hint:
                    "see what it would do: opshub migrate down -e \(key.environment) --to REVISION --dry-run",
            )
        }
        let requester = Requester(name: context.person, channel: .command)
        let deployment: Deployment
        switch order.direction {
        case "up": deployment = try await control.engine.bringSchema(key, requester: requester)
        case "down":
            deployment = try await control.engine.takeSchemaBack(
                key,
                to: try revisions(order.to ?? []),
                isForced: order.force == true,
                requester: requester,
            )
        default:
            throw Failure(
                .invalid,
                "the direction '\(order.direction)' is neither up nor down",
                hint: "say 'direction'",
            )
        }
        return try .json(try await control.view(of: deployment), status: .accepted)
    }

    /// What stays, as a caller has named it; `base` stands for nothing.
    private func revisions(_ names: [String]) throws(Failure) -> [String] {
        guard !names.isEmpty else {
            throw Failure(
                .invalid,
                "no revision is named that stays",
                hint: "say 'to'; base for an empty schema",
            )
        }
        return names == ["base"] ? [] : names
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
        let done = deployment.applied.map { ($0, nil) } + (deployment.reverted ?? []).map { ($0, true) }
        return done.reversed()
            .map { (migration: PendingMigration, isBack: Bool?) in
                MigrationHistoryView(
                    revision: migration.revision,
                    title: migration.title,
                    deployment: deployment.id.rawValue,
                    release: deployment.release.rawValue,
                    at: begunAt,
                    outcome: outcome,
                    backup: deployment.backups.first?.id,
                    isBack: isBack,
                )
            }
    }
}
