// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Drives one deployment from where it is to its end: event → machine → one transaction → effects → next event.
///
/// Nothing is remembered here that is not written down first, so a driver may vanish at any instant and another one
/// goes on from the last transaction.
struct DeploymentDriver {
    let ports: DeliveryPorts
    let settings: DeliverySettings
    let lease: Lease
    let mailbox: Mailbox
    /// Called now and then while a plan waits for people, which may take days.
    let whileWaiting: @Sendable (EnvironmentKey) async -> Void

    /// Returns when the deployment is over.
    ///
    /// - Throws: `CancellationError` when the control plane stops (the deployment is left as it is, to be resumed), or
    ///   what the ledger threw.
    func run(_ id: DeploymentID) async throws {
        guard var deployment = try await ports.records.deployment(id), !deployment.isOver else { return }
        var isResumed = deployment.phase != .queued
        if deployment.phase == .queued {
            do {
                try await begin(&deployment)
            } catch let failure as Failure where failure.code == .conflict {
                // It was ended at this moment, before it had begun.
                guard try await ports.records.deployment(id)?.isOver == true else { throw failure }
                return
            }
        } else {
            try await apply(.resumed, to: &deployment, journal: [.resumed])
        }
        while !deployment.isOver {
            try Task.checkCancellation()
            for effect in deployment.machine.pendingEffects {
                try await run(effect, of: &deployment, isResumed: &isResumed)
            }
        }
        mailbox.close(Failure(.conflict, "\(id) is over"))
    }

    private func run(
        _ effect: DeploymentEffect,
        of deployment: inout Deployment,
        isResumed: inout Bool,
    ) async throws {
        switch effect {
        case .perform(let step):
            try await perform(step, of: &deployment, isResumed: isResumed)
            isResumed = false
        case .interrupt:
            // The race in `perform` has ended the step by the time that its phase is left.
            break
        case .askApproval(let digest):
            try await awaitApproval(of: digest, for: &deployment, isResumed: isResumed)
            isResumed = false
        case .askDecision(let step):
            try await awaitDecision(at: step, for: &deployment, isResumed: isResumed)
            isResumed = false
        case .undo(let step, let attempt):
            try await undo(step, attempt: attempt, of: &deployment)
        case .conclude(let verdict):
            try await conclude(verdict, &deployment)
        }
    }

    // MARK: Phases

    private func begin(_ deployment: inout Deployment) async throws {
        let record =
            try await ports.records.environment(deployment.environment)
            ?? EnvironmentRecord(key: deployment.environment)
        if deployment.kind.keepsRelease {
            // The release that serves stays where it is.
            deployment.slot = record.serving?.slot
            deployment.isWarm = true
        } else {
            deployment.slot = record.idleSlot
            deployment.isWarm = try await runs(record.warm, for: deployment)
        }
        deployment.outgoing = record.serving
        deployment.begunAt = ports.time.now
        // Counters are for the report only; without them it says so.
        deployment.trafficBefore = try? await ports.router.counters(of: deployment.environment)
        let course =
            switch (deployment.kind, deployment.schema) {
            case (.restore, _): Course.restoring
            case (.schema, let change?): Course.changing(change.direction)
            default: deployment.isWarm ? Course.untilPlannedWhenWarm : Course.untilPlanned
            }
        try await apply(.begun(course: course), to: &deployment)
    }

    /// Whether the warm release is the one that shall serve, and all of it still runs: a retirement that failed half-way has
    /// left less.
    private func runs(_ warm: Placement?, for deployment: Deployment) async throws -> Bool {
        guard let warm, warm.release == deployment.release, warm.slot == deployment.slot,
            try await !ports.records.wasRestored(deployment.environment, since: warm.since)
        else { return false }
        do {
            return try await context(of: deployment).running()
                .allSatisfy {
                    if case .running = $0.status.state { true } else { false }
                }
        } catch let failure as Failure where failure.code == .serviceExited {
            return false
        }
    }

    private func perform(_ step: Step, of deployment: inout Deployment, isResumed: Bool) async throws {
        let begin = ports.time.uptime
        await tell(.started(step), of: deployment.id)
        let context = try await context(of: deployment)
        let outcome = try await race(deployment) {
            if isResumed { try await ReturnStep(context: context).resume(at: step) }
            return try await context.perform(step)
        }
        let took = ports.time.uptime - begin
        switch outcome {
        case .result(.success(let result)):
            try await keep(result, of: step, took: took, in: &deployment)
        case .result(.failure(let failure)):
            if failure.code == .gateInconclusive, step.watchesTraffic,
                context.environment.stability.inconclusive == .ask
            {
                // Each doubt is a question of its own.
                deployment.decisionAskedAt = nil
                try await apply(.doubted(step, failure), to: &deployment)
            } else {
                try await fail(step, failure, took: took, &deployment)
            }
        case .letter(let letter):
            try await apply(letter, to: &deployment)
        }
    }

    func fail(
        _ step: Step,
        _ failure: Failure,
        took: Duration,
        _ deployment: inout Deployment,
    ) async throws {
        try await apply(
            .failed(step, failure),
            to: &deployment,
            journal: [.failed(step, failure, took: took)],
        )
    }

    private func keep(
        _ result: StepResult,
        of step: Step,
        took: Duration,
        in deployment: inout Deployment,
    ) async throws {
        if let backups = result.backups { deployment.backups = backups }
        if let plan = result.plan { deployment.plan = plan }
        let event: DeploymentEvent =
            if let plan = result.plan {
                .planned(next: plan.content.steps, digest: plan.digest)
            } else {
                .finished(step)
            }
        try await apply(
            event,
            to: &deployment,
            journal: [.finished(step, took: took)],
            release: result.release,
        )
    }

    private func undo(_ step: UndoStep, attempt: Int, of deployment: inout Deployment) async throws {
        if attempt > 1 {
            let pause = Duration.seconds(min(30, 1 << min(attempt - 2, 5)))
            let outcome = try await race(deployment) {
                try await ports.time.sleep(for: pause)
                return StepResult.done
            }
            if case .letter(let letter) = outcome { return try await apply(letter, to: &deployment) }
        }
        let begin = ports.time.uptime
        await tell(.undoing(step, attempt: attempt), of: deployment.id)
        let before = deployment
        let outcome = try await race(deployment, doing: step.description) {
            try await Undo(context: try await context(of: before)).perform(step)
        }
        let took = ports.time.uptime - begin
        switch outcome {
        case .letter(let letter):
            try await apply(letter, to: &deployment)
        case .result(.success(let result)):
            if result.isSchemaBack { deployment.forgetSchema() }
            deployment.backups += result.backups ?? []
            // What could not be done was told by the step, and is not said to be done.
            let isDone = step != .returnSchema || result.isSchemaBack
            try await apply(
                .undone(step),
                to: &deployment,
                journal: isDone ? [.undone(step, took: took)] : [],
            )
        case .result(.failure(let failure)):
            // Traffic must be able to return also on a full disk.
            if failure.code == .diskFull { await ports.ledger.makeRoom() }
            try await apply(
                .undoFailed(step),
                to: &deployment,
                journal: [.undoFailed(step, failure)],
            )
        }
    }

    private func conclude(_ verdict: Verdict, _ deployment: inout Deployment) async throws {
        try await discardUnfinishedBuild(of: deployment, verdict)
        let now = ports.time.now
        deployment.concludedAt = now
        // It was for this once, and may tell what it hides.
        deployment.restoration?.masking = nil
        // For the report only; without counters it says so.
        deployment.trafficAfter = try? await ports.router.counters(of: deployment.environment)
        if let before = deployment.trafficBefore {
            deployment.traffic = deployment.trafficAfter?.since(before)
        }
        try await ports.ledger.commit(
            DeliveryChange(
                deployment: deployment,
                environment: try await recordAfter(verdict, deployment, at: now),
                journal: [.ended(verdict)],
                at: now,
            ),
            lease: lease,
        )
    }

    /// What was never built to its end is of no use to anyone, and may be what filled the disk.
    private func discardUnfinishedBuild(of deployment: Deployment, _ verdict: Verdict) async throws {
        guard verdict.outcome != .succeeded,
            try await ports.records.release(deployment.release)?.builtAt == nil
        else { return }
        let folder = settings.layout.release(deployment.release.rawValue, of: deployment.environment)
        // The verdict is what matters; files that can't be removed are only disk.
        try? await ports.builds.discard(folder, of: deployment.environment)
    }

    /// Who serves after a verdict; nil when nothing about that changes.
    private func recordAfter(
        _ verdict: Verdict,
        _ deployment: Deployment,
        at now: Date,
    ) async throws -> EnvironmentRecord? {
        guard verdict.outcome == .succeeded, !deployment.kind.keepsRelease, let slot = deployment.slot else {
            return nil
        }
        // What has never served with the schema as it is now can't take the traffic back.
        let keepWarm = deployment.closes ? .zero : try await context(of: deployment).environment.keepWarm
        return EnvironmentRecord(
            key: deployment.environment,
            serving: Placement(release: deployment.release, slot: slot, since: now),
            warm: deployment.outgoing,
            warmUntil: deployment.outgoing == nil ? nil : now.addingTimeInterval(keepWarm.inSeconds),
        )
    }

    // MARK: Events

    /// Applies an event of our own, which the machine must know, and writes everything down in one transaction.
    func apply(
        _ event: DeploymentEvent,
        to deployment: inout Deployment,
        journal: [JournalEvent] = [],
        release: Release? = nil,
    ) async throws {
        var changed = deployment
        _ = try changed.machine.apply(event)
        // Noted before it runs, because it may die half-way.
        if case .performing(.migrate, _, _) = changed.phase {
            changed.applied = changed.schema?.migrations ?? changed.plan?.content.migrations ?? []
        }
        if case .performing(.revert, _, _) = changed.phase { changed.reverted = changed.schema?.migrations }
        let change = DeliveryChange(
            release: release,
            deployment: changed,
            environment: try await recordEntering(changed),
            journal: journal,
            at: ports.time.now,
        )
        try await ports.ledger.commit(change, lease: lease)
        deployment = changed
    }

    /// Writes down what has become known of a deployment without going on to another phase.
    func save(_ deployment: Deployment, journal: [JournalEvent]) async throws {
        try await ports.ledger.commit(
            DeliveryChange(deployment: deployment, journal: journal, at: ports.time.now),
            lease: lease,
        )
    }

    /// Applies an event from outside; one that means nothing now is answered and changes nothing.
    func apply(_ letter: Mailbox.Letter, to deployment: inout Deployment) async throws {
        do {
            try await apply(letter.event, to: &deployment)
        } catch let refused as IllegalTransition {
            letter.answer(Failure(.conflict, refused.inWords(of: deployment)))
            return
        } catch {
            letter.answer(Failure.wrapping(error, doing: "writing that down"))
            throw error
        }
        letter.answer(nil)
    }

    /// A release that starts in the slot of a warm one ends it: nobody may count on it from here on.
    private func recordEntering(_ deployment: Deployment) async throws -> EnvironmentRecord? {
        guard case .performing(.start, _, _) = deployment.phase,
            var record = try await ports.records.environment(deployment.environment),
            record.warm?.slot == deployment.slot
        else { return nil }
        (record.warm, record.warmUntil) = (nil, nil)
        return record
    }

    // MARK: Context

    func context(of deployment: Deployment) async throws -> StepContext {
        guard let release = try await ports.records.release(deployment.release),
            let environment = release.manifest.environment(deployment.environment.environment),
            let slot = deployment.slot
        else {
            throw Failure(
                .damagedState,
                "\(deployment.id) names a release or environment that is not recorded",
            )
        }
        return StepContext(
            deployment: deployment,
            release: release,
            environment: environment,
            slot: slot,
            ports: ports,
            settings: settings,
            tell: { await tell($0, of: deployment.id) },
        )
    }

    func tell(_ event: JournalEvent, of id: DeploymentID) async {
        // A line for people; a journal that can't take it must not change the verdict (Invariant 5).
        _ = try? await ports.ledger.tell(event, of: id, at: ports.time.now, lease: lease)
    }
}
