// SPDX-License-Identifier: Apache-2.0
public import Core

/// Something that happened to a deployment.
public enum DeploymentEvent: Hashable, Sendable, Codable {
    /// Its environment is free.
    case begun(course: [Step])
    /// The plan is known, and with it the steps that follow; `digest` is what a person approves. While one waits: it
    /// is another than the one that was waited with.
    case planned(next: [Step], digest: PlanDigest)
    /// The running step did what it should, or the gate said yes.
    case finished(Step)
    /// The running step failed, or the gate said no or could not say.
    case failed(Step, Failure)
    /// The gate could not say, and its policy is to ask a person.
    case doubted(Step, Failure)
    /// A person keeps the release that the gate could not judge.
    case accepted(Step)
    /// A person said yes to the plan with this digest.
    case approved(PlanDigest)
    /// A person said no, or nobody answered in time.
    case rejected(Failure)
    /// A person wants it stopped.
    case cancelled(Failure)
    /// A newer deployment wants its place.
    case superseded(Failure)
    /// The running step back is done.
    case undone(UndoStep)
    /// The running step back failed; it is tried again.
    case undoFailed(UndoStep)
    /// The control plane started again and found it unfinished.
    case resumed
}
