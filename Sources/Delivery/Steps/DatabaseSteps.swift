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
        let wanted = context.deployment.schema?.migrations ?? context.deployment.plan?.content.migrations
        guard let target = try await context.migrationTarget(), let wanted else {
            throw Failure(.unexpected, "\(context.deployment.id) has nothing to migrate")
        }
        try context.refuseOtherServing()
        try await context.keepClosed()
        let limit = OutputLimit()
        try await context.ports.database.migrate(target, wanted) { line in
            if let line = limit.admit(line) { await context.tell(.output(.migrate, line)) }
        }
        for migration in wanted {
            await context.tell(.note(.migrate, "applied \(migration.revision) \(migration.title)"))
        }
        return .done
    }
}

/// Takes schema changes back, with the files of the release that serves: an earlier one does not have them.
struct RevertStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        try context.refuseOtherServing()
        try await context.keepClosed()
        let (target, change) = try await parts()
        let limit = OutputLimit()
        try await context.ports.database.revert(target, change.migrations) { line in
            if let line = limit.admit(line) { await context.tell(.output(.revert, line)) }
        }
        for migration in change.migrations {
            await context.tell(.note(.revert, "took back \(migration.revision) \(migration.title)"))
        }
        return .done
    }

    /// What serves has its schema again; what was in columns and tables that were dropped is in the backup alone.
    ///
    /// - Returns: Whether there was anything to bring back, or it is there.
    func takeBack() async throws -> Bool {
        guard context.deployment.outgoing?.release == context.deployment.schema?.serving else { return true }
        let (target, change) = try await parts()
        let backup = context.deployment.backups.first?.id ?? "the one before"
        try await context.ports.database.reapply(target, change.migrations.reversed()) { _ in }
        await context.tell(
            .note(
                .revert,
                "the schema is as it was; rows that went with what was taken back are in \(backup)",
            )
        )
        return true
    }

    private func parts() async throws -> (MigrationTarget, SchemaChange) {
        guard let change = context.deployment.schema, change.direction == .down,
            let target = try await context.outgoing()?.migrationTarget()
        else { throw Failure(.unexpected, "\(context.deployment.id) has nothing to take back") }
        return (target, change)
    }
}

extension StepContext {
    /// Another release may have begun to serve since it was asked for, whose migrations these are not.
    fileprivate func refuseOtherServing() throws(Failure) {
        guard let change = deployment.schema, deployment.outgoing?.release != change.serving else { return }
        throw Failure(
            .conflict,
            "\(deployment.outgoing?.release.rawValue ?? "nothing") serves \(key) now, and \(change.serving) did when it was asked for",
            hint: "ask for it again",
        )
    }

    /// The same of the release that serves while this one is brought; nil when none does.
    fileprivate func outgoing() async throws -> StepContext? {
        guard let placement = deployment.outgoing,
            let release = try await ports.records.release(placement.release),
            let environment = release.manifest.environment(key.environment)
        else { return nil }
        return StepContext(
            deployment: deployment,
            release: release,
            environment: environment,
            slot: placement.slot,
            ports: ports,
            settings: settings,
            tell: tell,
        )
    }

    /// The accessories that the plan says are backed up.
    func guardedAccessories() throws(Failure) -> [AccessorySpecification] {
        let own = deployment.restoration?.accessory ?? deployment.schema?.accessory
        let planned = own.map { [$0] } ?? deployment.plan?.content.backups ?? []
        let guarded = manifest.accessories.filter { planned.contains($0.name) }
        guard !guarded.isEmpty else { throw Failure(.notFound, "\(key) has no database to back up") }
        return guarded.map { specification(of: $0, port: environment.ports[$0.name.rawValue] ?? 0) }
    }
}
