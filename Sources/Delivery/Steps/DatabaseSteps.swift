// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Copies the database that this deployment may change.
struct BackupStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let backup = try await context.ports.database.backUp(
            context.guardedAccessory(),
            for: context.deployment.id,
        )
        await context.tell(.note(.backup, "backup \(backup.id), \(backup.size)"))
        return StepResult(backup: backup)
    }
}

/// Gate: the copy restores, and holds what the original held.
struct DrillGate {
    let context: StepContext

    func perform() async throws -> StepResult {
        guard let backup = context.deployment.backup else {
            throw Failure(.unexpected, "\(context.deployment.id) has no backup to drill")
        }
        let proof = try await context.ports.database.drill(backup, of: context.guardedAccessory())
        await context.tell(.note(.drill, "\(backup.id) restored: \(proof)"))
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
    /// The accessory that migrations change, or else the first.
    fileprivate func guardedAccessory() throws(Failure) -> AccessorySpecification {
        let wanted = manifest.migrations?.accessory ?? manifest.accessories.first?.name
        guard let accessory = manifest.accessories.first(where: { $0.name == wanted }) else {
            throw Failure(.notFound, "\(key) has no database to back up")
        }
        return specification(of: accessory, port: environment.ports[accessory.name.rawValue] ?? 0)
    }
}
