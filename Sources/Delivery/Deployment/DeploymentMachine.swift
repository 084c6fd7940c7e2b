// SPDX-License-Identifier: Apache-2.0
import Core

/// One attempt to make a release serve, as a pure state machine: no I/O, no clock, total.
///
///     queued ──begun──► performing ──finished──► performing … ──finished──► ended(succeeded)
///        │                │  ▲  │                     │
///        │        planned │  │  │ failed              │ failed, cancelled, superseded
///        │                ▼  │approved                ▼
///        │        awaitingApproval ──rejected──► undoing ──undone──► undoing … ──undone──► ended(verdict)
///        │                                        │    ▲
///        └──cancelled, superseded──► ended        └────┘ undoFailed
///
/// Besides, `performing` a gate that could not say leads to `awaitingDecision` by `doubted`, and from there back by `accepted`
/// or `finished`, or on to `undoing`.
///
/// Rules that the table test holds:
/// - a deployment that has switched is not superseded, it runs to its end (Invariant 6); only a person may cancel it,
///   and then traffic returns; one that replaces a database, takes migrations back or has closed the environment is not
///   superseded either;
/// - every way out of a phase that may have started instances or moved traffic leads through `undoing` (Invariant 7);
/// - `resumed` repeats the effects of the phase and changes nothing.
public struct DeploymentMachine: Hashable, Sendable, Codable {
    /// Where the deployment is.
    public private(set) var phase: Phase

    /// A machine in a phase that was stored earlier, or a new one.
    public init(phase: Phase = .queued) {
        self.phase = phase
    }

    /// Moves to the next phase.
    ///
    /// - Returns: What must be done now, in order.
    /// - Throws: When the event has no meaning in this phase; the phase is unchanged.
    public mutating func apply(_ event: DeploymentEvent) throws(IllegalTransition) -> [DeploymentEffect] {
        switch phase {
        case .queued:
            try applyWhileQueued(event)
        case .performing(let step, let next, let progress):
            try apply(event, performing: step, next: next, progress: progress)
        case .awaitingApproval(let digest, let next, let progress):
            try apply(event, awaiting: digest, next: next, progress: progress)
        case .awaitingDecision(let step, _, let next, let progress):
            try apply(event, deciding: step, next: next, progress: progress)
        case .undoing(let step, let next, let attempt, let verdict):
            try apply(event, undoing: step, next: next, attempt: attempt, verdict: verdict)
        case .ended:
            try applyAfterEnd(event)
        }
    }

    /// What the present phase needs done, as after a restart.
    public var pendingEffects: [DeploymentEffect] {
        switch phase {
        case .queued: []
        case .performing(let step, _, _): [.perform(step)]
        case .awaitingApproval(let digest, _, _): [.askApproval(digest)]
        case .awaitingDecision(let step, _, _, _): [.askDecision(step)]
        case .undoing(let step, _, let attempt, _): [.undo(step, attempt: attempt)]
        case .ended(let verdict): [.conclude(verdict)]
        }
    }

    private mutating func applyWhileQueued(
        _ event: DeploymentEvent
    ) throws(IllegalTransition) -> [DeploymentEffect] {
        switch event {
        case .begun(let course):
            return advance(to: course, progress: Phase.Progress())
        case .cancelled(let failure):
            return stop(.cancelled, at: nil, failure, progress: Phase.Progress())
        case .superseded(let failure):
            return stop(.superseded, at: nil, failure, progress: Phase.Progress())
        case .resumed:
            return pendingEffects
        case .planned, .finished, .failed, .doubted, .accepted, .approved, .rejected, .undone, .undoFailed:
            throw IllegalTransition(phase: phase, event: event)
        }
    }

    private mutating func apply(
        _ event: DeploymentEvent,
        performing step: Step,
        next: [Step],
        progress: Phase.Progress,
    ) throws(IllegalTransition) -> [DeploymentEffect] {
        switch event {
        case .finished(step) where step != .plan:
            var progress = progress
            progress.hasSwitched = progress.hasSwitched || step == .shift(percent: 100)
            return advance(to: next, progress: progress)
        case .planned(let steps, let digest) where step == .plan:
            return advance(to: steps, progress: progress, digest: digest)
        case .failed(step, let failure):
            return stop(.failed, at: step, failure, progress: progress)
        case .doubted(step, let failure) where step.watchesTraffic:
            phase = .awaitingDecision(step, failure, next: next, progress: progress)
            return pendingEffects
        case .cancelled(let failure):
            return [.interrupt(step)] + stop(.cancelled, at: step, failure, progress: progress)
        case .superseded(let failure) where !progress.isCommitted:
            return [.interrupt(step)] + stop(.superseded, at: step, failure, progress: progress)
        case .resumed:
            return pendingEffects
        case .begun, .planned, .finished, .failed, .doubted, .accepted, .approved, .rejected, .superseded,
            .undone, .undoFailed:
            throw IllegalTransition(phase: phase, event: event)
        }
    }

    private mutating func apply(
        _ event: DeploymentEvent,
        deciding step: Step,
        next: [Step],
        progress: Phase.Progress,
    ) throws(IllegalTransition) -> [DeploymentEffect] {
        switch event {
        case .accepted(step), .finished(step):
            return advance(to: next, progress: progress)
        case .failed(step, let failure):
            return stop(.failed, at: step, failure, progress: progress)
        case .rejected(let failure):
            return [.interrupt(step)] + stop(.rejected, at: step, failure, progress: progress)
        case .cancelled(let failure):
            return [.interrupt(step)] + stop(.cancelled, at: step, failure, progress: progress)
        case .superseded(let failure) where !progress.isCommitted:
            return [.interrupt(step)] + stop(.superseded, at: step, failure, progress: progress)
        case .resumed:
            return pendingEffects
        case .begun, .planned, .finished, .failed, .doubted, .accepted, .approved, .superseded, .undone,
            .undoFailed:
            throw IllegalTransition(phase: phase, event: event)
        }
    }

    private mutating func apply(
        _ event: DeploymentEvent,
        awaiting digest: PlanDigest,
        next: [Step],
        progress: Phase.Progress,
    ) throws(IllegalTransition) -> [DeploymentEffect] {
        switch event {
        case .approved(digest):
            return advance(to: next, progress: progress)
        case .planned(let steps, let other):
            return advance(to: steps, progress: progress, digest: other)
        case .rejected(let failure):
            return stop(.rejected, at: .approval, failure, progress: progress)
        case .cancelled(let failure):
            return stop(.cancelled, at: .approval, failure, progress: progress)
        case .superseded(let failure):
            return stop(.superseded, at: .approval, failure, progress: progress)
        case .resumed:
            return pendingEffects
        case .begun, .finished, .failed, .doubted, .accepted, .approved, .undone, .undoFailed:
            throw IllegalTransition(phase: phase, event: event)
        }
    }

    private mutating func apply(
        _ event: DeploymentEvent,
        undoing step: UndoStep,
        next: [UndoStep],
        attempt: Int,
        verdict: Verdict,
    ) throws(IllegalTransition) -> [DeploymentEffect] {
        switch event {
        case .undone(step):
            var verdict = verdict
            verdict.undone.append(step)
            phase =
                next.first.map { .undoing($0, next: Array(next.dropFirst()), attempt: 1, verdict: verdict) }
                ?? .ended(verdict)
            return pendingEffects
        case .undoFailed(step):
            phase = .undoing(step, next: next, attempt: attempt + 1, verdict: verdict)
            return pendingEffects
        case .resumed:
            return pendingEffects
        case .begun, .planned, .finished, .failed, .doubted, .accepted, .approved, .rejected, .cancelled,
            .superseded, .undone, .undoFailed:
            throw IllegalTransition(phase: phase, event: event)
        }
    }

    private mutating func applyAfterEnd(
        _ event: DeploymentEvent
    ) throws(IllegalTransition) -> [DeploymentEffect] {
        switch event {
        case .resumed:
            return pendingEffects
        case .begun, .planned, .finished, .failed, .doubted, .accepted, .approved, .rejected, .cancelled,
            .superseded, .undone, .undoFailed:
            throw IllegalTransition(phase: phase, event: event)
        }
    }

    /// Enters the first of `steps`, or ends well when there is none.
    ///
    /// What the step may begin is noted before it runs.
    private mutating func advance(
        to steps: [Step],
        progress: Phase.Progress,
        digest: PlanDigest? = nil,
    ) -> [DeploymentEffect] {
        let next = Array(steps.dropFirst())
        switch steps.first {
        case nil:
            phase = .ended(Verdict(outcome: .succeeded))
        case .approval:
            guard let digest else {
                let failure = Failure(.unexpected, "an approval was asked for before there was a plan")
                return stop(.failed, at: .approval, failure, progress: progress)
            }
            phase = .awaitingApproval(digest, next: next, progress: progress)
        case .some(let step):
            var progress = progress
            progress.mayRun = progress.mayRun || step == .start
            progress.mayServe = progress.mayServe || step.movesTraffic
            progress.mayReplaceDatabase = progress.mayReplaceDatabase || step.replacesDatabase
            progress.mayClose = progress.mayClose || step == .close
            progress.mayRevert =
                progress.mayRevert || step == .revert || step == .migrate && progress.mayClose
            phase = .performing(step, next: next, progress: progress)
        }
        return pendingEffects
    }

    private mutating func stop(
        _ outcome: Verdict.Outcome,
        at step: Step?,
        _ failure: Failure,
        progress: Phase.Progress,
    ) -> [DeploymentEffect] {
        let verdict = Verdict(outcome: outcome, step: step, failure: failure)
        let undoing = progress.undoing
        phase =
            undoing.first.map {
                .undoing($0, next: Array(undoing.dropFirst()), attempt: 1, verdict: verdict)
            }
            ?? .ended(verdict)
        return pendingEffects
    }
}
