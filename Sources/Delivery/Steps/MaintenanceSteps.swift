// SPDX-License-Identifier: Apache-2.0
import Manifest
import Core

/// Answers nobody from here to the switch: what serves does not bear the schema that comes.
struct CloseStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        // Before it, while everybody is served: a connection that the edge had before a reload would still lead to what serves.
        try await context.settle(.close)
        try await context.ports.router.direct(.closed, of: context.key)
        await context.tell(
            .note(.close, "\(context.key) is closed for maintenance: new requests get 503 until the switch")
        )
        return .done
    }
}

extension StepContext {
    /// An edge that has lost its memory since may have let everybody in.
    func keepClosed() async throws {
        guard deployment.phase.isInMaintenance else { return }
        try await ports.router.direct(.closed, of: key)
    }
}

/// Gives what served the schema again that it needs, before it gets its requests.
struct SchemaReturn {
    let context: StepContext

    /// - Returns: Whether the schema is as it was, and what was backed up before.
    /// - Throws: What waiting may mend; whatever it is, not for ever: some service is better than none.
    func perform() async throws -> StepResult {
        do {
            guard context.deployment.schema == nil else {
                return StepResult(isSchemaBack: try await RevertStep(context: context).takeBack())
            }
            return try await takeBackApplied()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let failure = Failure.wrapping(error, doing: "bringing the schema back")
            guard isFinal(failure) else { throw failure }
            await tellLoudly(failure)
            return .done
        }
    }

    private func takeBackApplied() async throws -> StepResult {
        let migrations = context.deployment.applied
        guard !migrations.isEmpty else { return StepResult(isSchemaBack: true) }
        guard let target = try await context.migrationTarget() else {
            throw Failure(
                .unexpected,
                "\(context.deployment.id) has migrated, and its database is not known",
            )
        }
        let database = context.ports.database
        let pending = Set(try await database.pendingMigrations(target).map(\.revision))
        let applied = migrations.filter { !pending.contains($0.revision) }.reversed()
        let backups = applied.isEmpty ? [] : try await keepWhatWasWritten()
        // Also those that seem pending: one may be there by half.
        try await database.revert(target, migrations.reversed()) { _ in }
        for migration in applied {
            await context.tell(.note(.revert, "took back \(migration.revision) \(migration.title)"))
        }
        return StepResult(backups: backups, isSchemaBack: true)
    }

    /// What the new release has written, by requests or by itself, may go with columns and tables that came with it.
    private func keepWhatWasWritten() async throws -> [BackupReceipt] {
        guard case .undoing(_, _, _, let verdict) = context.deployment.phase,
            verdict.undone.contains(.stopIncoming),
            let accessory = try context.guardedAccessories().first(where: { $0.manifest.name == accessory })
        else { return [] }
        let backup = try await context.ports.database.backUpBeforeReturn(
            accessory,
            of: context.deployment.id,
            since: context.deployment.requestedAt,
        )
        await context.tell(
            .note(
                .backup,
                "what \(context.release.id) has written is in backup \(backup.id), \(backup.size)",
            )
        )
        return [backup]
    }

    private var accessory: AccessoryName? {
        context.deployment.schema?.accessory ?? context.manifest.migrations?.accessory
    }

    /// Whether no later attempt is worth more time, in which nobody may be served.
    private func isFinal(_ failure: Failure) -> Bool {
        guard case .undoing(_, _, let attempt, _) = context.deployment.phase else { return true }
        return switch failure.code {
        case .conflict, .invalid: !failure.isRetryable || attempt >= Self.attempts
        // What the database refuses again; and what has taken all of the time that it may take.
        case .migrationFailed: attempt >= (failure.isRetryable ? Self.attempts : 3)
        case .deadlineExceeded: attempt >= 2
        default: attempt >= Self.attempts
        }
    }

    /// With the pauses between them about a minute and a half: a server that is started anew is there again by then.
    private static let attempts = 8

    private func tellLoudly(_ failure: Failure) async {
        let own = context.deployment.backups.filter { $0.accessory == accessory }.map(\.id)
        let (backup, name) = (own.first ?? "the one before", context.key.environment)
        await context.tell(
            .note(
                .revert,
                "THE SCHEMA IS NOT BACK, and what serves may not work with it: \(failure.message); as it was before, everything is in backup \(backup): opshub backup restore \(backup) -e \(name) --dry-run",
            )
        )
    }
}
