// SPDX-License-Identifier: Apache-2.0
import Core

/// Answers nobody from here to the switch: what serves does not bear the schema that comes.
struct CloseStep {
    let context: StepContext

    func perform() async throws -> StepResult {
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

    /// Somebody serves rather than nobody when that many attempts have failed.
    private static let attempts = 4

    /// - Returns: Whether the schema is as it was.
    /// - Throws: What waiting may mend.
    func perform() async throws -> Bool {
        guard context.deployment.schema == nil else {
            return try await RevertStep(context: context).takeBack()
        }
        guard let target = try await context.migrationTarget() else { return true }
        let pending = try await context.ports.database.pendingMigrations(target)
        let applied = context.deployment.applied.filter { !pending.contains($0) }
        guard !applied.isEmpty else { return true }
        do {
            if hasServed { try await keepWhatWasWritten() }
            try await context.ports.database.revert(target, applied.reversed()) { _ in }
        } catch let failure as Failure where isFinal(failure) {
            await tellLoudly(failure)
            return false
        }
        for migration in applied.reversed() {
            await context.tell(.note(.revert, "took back \(migration.revision) \(migration.title)"))
        }
        return true
    }

    /// The new release has had requests, and what it has written may go with columns and tables that came with it.
    private func keepWhatWasWritten() async throws {
        for accessory in try context.guardedAccessories() {
            let backup = try await context.ports.database.backUpBeforeReturn(
                accessory,
                of: context.deployment.id,
                since: context.deployment.requestedAt,
            )
            await context.tell(
                .note(.backup, "what was written since the switch is in backup \(backup.id), \(backup.size)")
            )
        }
    }

    private var attempt: Int {
        if case .undoing(_, _, let attempt, _) = context.deployment.phase { attempt } else { 1 }
    }

    private var hasServed: Bool {
        guard case .undoing(_, _, _, let verdict) = context.deployment.phase else { return false }
        return verdict.undone.contains(.close)
    }

    /// Whether no later attempt is worth more time in which nobody is served.
    private func isFinal(_ failure: Failure) -> Bool {
        switch failure.code {
        case .migrationFailed, .conflict, .invalid, .backupFailed, .diskFull, .deadlineExceeded:
            !failure.isRetryable && failure.code != .diskFull || attempt >= Self.attempts
        default: false
        }
    }

    private func tellLoudly(_ failure: Failure) async {
        let (backup, name) = (
            context.deployment.backups.first?.id ?? "the one before", context.key.environment,
        )
        await context.tell(
            .note(
                .revert,
                "THE SCHEMA IS NOT BACK, and what serves may not work with it: \(failure.message); from before it there is backup \(backup): opshub backup restore \(backup) -e \(name) --dry-run",
            )
        )
    }
}
