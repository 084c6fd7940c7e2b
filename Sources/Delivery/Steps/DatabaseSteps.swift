// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Copies the database that this deployment may change or replace, or every one where the policy wants that.
struct BackupStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        var backups: [BackupReceipt] = []
        for accessory in try context.guardedAccessories() {
            let backup = try await context.ports.database.backUp(
                accessory,
                for: context.deployment.id,
                since: context.deployment.requestedAt,
            )
            await context.tell(.note(.backup, "backup \(backup.id) of \(backup.accessory), \(backup.size)"))
            backups.append(backup)
        }
        return StepResult(backups: backups)
    }
}

/// Gate: every copy restores, and holds what the original held.
struct DrillGate {
    let context: StepContext

    func perform() async throws -> StepResult {
        for accessory in try context.guardedAccessories() {
            let name = accessory.manifest.name
            guard let backup = context.deployment.backups.first(where: { $0.accessory == name }) else {
                throw Failure(.unexpected, "\(context.deployment.id) has no backup of \(name) to drill")
            }
            let proof = try await context.ports.database.drill(backup, of: accessory)
            await context.tell(.note(.drill, "\(backup.id) restored: \(proof)"))
        }
        return .done
    }
}

/// Applies the planned schema changes.
struct MigrateStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        guard let target = try await context.migrationTarget(), let plan = context.deployment.plan else {
            throw Failure(.unexpected, "\(context.deployment.id) has nothing to migrate")
        }
        let limit = OutputLimit()
        try await context.ports.database.migrate(target, plan.content.migrations) { line in
            if let line = limit.admit(line) { await context.tell(.output(.migrate, line)) }
        }
        for migration in plan.content.migrations {
            await context.tell(.note(.migrate, "applied \(migration.revision) \(migration.title)"))
        }
        return .done
    }
}

extension StepContext {
    /// The accessories that the plan says are backed up.
    fileprivate func guardedAccessories() throws(Failure) -> [AccessorySpecification] {
        let planned = deployment.restoration.map { [$0.accessory] } ?? deployment.plan?.content.backups ?? []
        let guarded = manifest.accessories.filter { planned.contains($0.name) }
        guard !guarded.isEmpty else { throw Failure(.notFound, "\(key) has no database to back up") }
        return guarded.map { specification(of: $0, port: environment.ports[$0.name.rawValue] ?? 0) }
    }
}
