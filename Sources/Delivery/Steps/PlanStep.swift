// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Works out what will happen from here on, and gives it a digest.
struct PlanStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let plan = try await plan()
        for migration in plan.content.migrations {
            await context.tell(.note(.plan, "will apply \(migration.revision) \(migration.title)"))
        }
        await context.tell(.note(.plan, "way back: \(plan.content.wayBack)"))
        return StepResult(plan: plan)
    }

    /// What would happen from here on, as things are now.
    func plan() async throws -> Plan {
        let content = content(migrations: try await pendingMigrations(), commits: try await commits())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let digest = context.ports.digest(Array(try encoder.encode(content)))
        return Plan(digest: PlanDigest(digest), content: content)
    }

    private var isWarm: Bool { context.deployment.isWarm }

    private func pendingMigrations() async throws -> [PendingMigration] {
        guard !isWarm, let target = try await context.migrationTarget() else { return [] }
        return try await context.ports.database.pendingMigrations(target)
    }

    private func commits() async throws -> [Commit] {
        var serving: CommitID?
        if let outgoing = context.deployment.outgoing {
            serving = try await context.ports.records.release(outgoing.release)?.commit.id
        }
        return try await context.ports.sources.commits(
            from: serving,
            to: context.release.commit.id,
            of: context.key.project,
            limit: 50,
        )
    }

    private func content(migrations: [PendingMigration], commits: [Commit]) -> PlanContent {
        let (environment, manifest) = (context.environment, context.manifest)
        let replicas = Dictionary(
            uniqueKeysWithValues: manifest.services.map { ($0.name.rawValue, context.replicas(of: $0)) }
        )
        let backsUp =
            !manifest.accessories.isEmpty && !isWarm
            && (environment.backup.before == .always || !migrations.isEmpty)
        let course = Course(
            needsApproval: environment.approval.required && context.deployment.kind == .release,
            backsUp: backsUp,
            migration: migrations.isEmpty ? nil : manifest.migrations?.moment,
            movement: Course.movement(
                in: environment,
                replicas: replicas.values.max() ?? 1,
                hasOutgoing: context.deployment.outgoing != nil,
            ),
            hasOutgoing: context.deployment.outgoing != nil,
            isWarm: isWarm,
        )
        return PlanContent(
            environment: context.key,
            kind: context.deployment.kind,
            release: context.release.id,
            commit: context.release.commit,
            outgoing: context.deployment.outgoing?.release,
            commits: commits,
            replicas: replicas,
            routes: context.routes,
            migrations: migrations,
            backsUp: backsUp,
            strategy: environment.strategy,
            steps: Array(course.steps.drop { $0 != .plan }.dropFirst()),
            wayBack: wayBack(migrations: migrations),
        )
    }

    private func wayBack(migrations: [PendingMigration]) -> String {
        guard let outgoing = context.deployment.outgoing else { return "none: nothing served before" }
        let code =
            "traffic returns to \(outgoing.release) at once while it is warm "
            + "(\(context.environment.keepWarm.briefly) after the verdict), later it is started again"
        return migrations.isEmpty
            ? code : code + "; the schema stays at \(migrations[migrations.count - 1].revision)"
    }
}

extension StepContext {
    /// The service of each route of the release.
    var routes: [String: ServiceName] { manifest.routes }

    /// What migrations of this release are about; nil when it has none.
    func migrationTarget() async throws -> MigrationTarget? {
        guard let migrations = manifest.migrations,
            let service = manifest.services.first(where: { $0.name == migrations.service }),
            let database = try await addresses()[migrations.accessory]
        else { return nil }
        return MigrationTarget(
            release: release,
            folder: folder,
            database: database,
            variables: try await variables(of: service),
        )
    }
}
