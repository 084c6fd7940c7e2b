// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Works out what will happen from here on, and gives it a digest.
struct PlanStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let plan = try await plan()
        if let required = context.deployment.requiredPlan, required != plan.digest {
            throw Failure(
                .conflict,
                "what \(context.deployment.id) would do is plan \(plan.digest.short), not plan \(required.short), which was asked for",
                hint: "look at it again: opshub plan -e \(context.key.environment)",
                evidence: plan.content.migrations.map { "would apply \($0.revision) \($0.title)" }
                    + [
                        "the built release was asked for its migrations; a plan before the build reads their files"
                    ],
            )
        }
        for migration in plan.content.migrations {
            await context.tell(.note(.plan, "will apply \(migration.revision) \(migration.title)"))
            guard let verdict = plan.verdicts?.first(where: { $0.revision == migration.revision }) else {
                continue
            }
            await context.tell(.note(.plan, "verdict on \(migration.revision): \(verdict.inWords)"))
            for finding in verdict.findings {
                await context.tell(.note(.plan, "  \(finding.sentence)"))
            }
            if let remark = verdict.remark { await context.tell(.note(.plan, "  \(remark)")) }
        }
        if let refusal = plan.refusal(in: context.key) { throw refusal }
        await context.tell(.note(.plan, "way back: \(plan.content.wayBack)"))
        var release = context.release
        release.variables = try await context.ports.records.variables(of: release)
        return StepResult(plan: plan, release: release)
    }

    /// What would happen from here on, as things are now.
    ///
    /// What the migrations will mean is found out unless `verdicts` says it.
    func plan(verdicts: [MigrationVerdict]? = nil) async throws -> Plan {
        var (outgoing, outgoingVariables): (Release?, VariableVersions?) = (nil, nil)
        if let placement = context.deployment.outgoing {
            outgoing = try await context.ports.records.release(placement.release)
        }
        if let outgoing { outgoingVariables = try await context.ports.records.variables(of: outgoing) }
        let migrations = try await pendingMigrations()
        let found = if let verdicts { verdicts } else { try await self.verdicts(on: migrations) }
        let draft = PlanDraft(
            key: context.key,
            kind: context.deployment.kind,
            release: context.release,
            variables: try await context.ports.records.variables(of: context.release),
            outgoingVariables: outgoingVariables,
            environment: context.environment,
            outgoing: outgoing,
            isWarm: context.deployment.isWarm,
            migrations: migrations,
            schema: context.deployment.schema,
            verdicts: found,
        )
        return try await draft.plan(context.ports)
    }

    private func pendingMigrations() async throws -> [PendingMigration] {
        // What is taken back is nothing that an earlier release has.
        guard !context.deployment.isWarm, context.deployment.schema == nil,
            let target = try await context.migrationTarget()
        else { return [] }
        return try await context.ports.database.pendingMigrations(target)
    }
}

extension PlanStep {
    /// What the migrations will mean; that it can't be found out is told, and keeps nothing from going on.
    ///
    /// Throws `stray-migrations` for those that go to another database.
    private func verdicts(on migrations: [PendingMigration]) async throws -> [MigrationVerdict] {
        guard !migrations.isEmpty, let target = try await context.migrationTarget() else { return [] }
        do {
            return try await context.ports.database.verdicts(
                target,
                on: migrations,
                verifying: context.environment.verifiesMigrations,
            )
        } catch is CancellationError {
            throw CancellationError()
        } catch let failure as Failure where failure.code == .strayMigrations {
            // Nobody knows what they would change.
            throw failure
        } catch {
            return .unknown(
                migrations,
                because: Failure.wrapping(error, doing: "rehearsing them").message,
                verifying: context.environment.verifiesMigrations,
            )
        }
    }
}

extension StepContext {
    /// The service of each route of the release.
    var routes: [String: ServiceName] { manifest.routes }

    /// What migrations of this release are about; nil when it has none.
    func migrationTarget() async throws -> MigrationTarget? {
        guard let migrations = manifest.migrations,
            let service = manifest.services.first(where: { $0.name == migrations.service }),
            let database = try await addresses()[migrations.accessory]?.database
        else { return nil }
        return MigrationTarget(
            release: release,
            folder: folder,
            database: database,
            variables: try await variables(of: service),
            outgoing: deployment.outgoing?.release,
            outgoingSince: try await ports.records.lastDisturbance(of: key),
        )
    }
}

extension Plan {
    /// Why it is not run; nil when `refuse_migrations` lets all of it through.
    func refusal(in key: EnvironmentKey) -> Failure? {
        guard let refusals, let first = refusals.first else { return nil }
        let name = key.environment
        let hazards = verdicts?.flatMap { $0.findings.map(\.hazard) } ?? []
        let isClosed = content.steps.contains(.close)
        let word = hazards.contains(where: \.concernsRelease) ? "breaking" : "migrations"
        let maintenance =
            hazards.contains(where: \.concernsServing) && !isClosed
            ? "let it come while nobody is served (maintenance: \(word)), " : ""
        // In maintenance that is the only way back.
        let lacksWayBack =
            isClosed
            && MigrationHazard.allCases.contains { $0.needsVerification && first.contains($0.inWords) }
        // The narrowest that lets it through.
        let letting =
            refusals.allSatisfy { $0.contains(MigrationHazard.breaksCode.inWords) }
            ? "a list without breaks-code and breaks-release, such as refuse_migrations: [breaks-queries]"
            : "refuse_migrations: []"
        return Failure(
            .gateFailed,
            lacksWayBack
                ? "\(first), and nobody could go back"
                : "\(first), and environments.\(name).refuse_migrations does not let that through",
            hint: lacksWayBack
                ? "say how it is taken back (opshub migrate verify -e \(name) tries it), or say in the same commit what you let through: refuse_migrations: []"
                : "make it in steps that are safe (opshub plan -e \(name) names them), \(maintenance)or say in the same commit what you let through: \(letting)",
            evidence: refusals.count > 1 ? refusals : [],
        )
    }
}
