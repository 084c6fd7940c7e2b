// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// One line of a deployment's journal; never changed once written.
public struct JournalEntry: Sendable, Hashable, Codable {
    /// From 1, without gaps within a deployment.
    public var sequence: Int
    /// When it was written.
    public var at: Date
    /// What happened.
    public var event: JournalEvent

    /// Describes a line.
    public init(sequence: Int, at: Date, event: JournalEvent) {
        self.sequence = sequence
        self.at = at
        self.event = event
    }
}

/// What a journal line tells.
public enum JournalEvent: Sendable, Hashable, Codable {
    /// It was asked for.
    case requested(by: Requester)
    /// A step began.
    case started(Step)
    /// A program of the step wrote this line.
    case output(Step, String)
    /// The step measured or decided this.
    case note(Step, String)
    /// A stability gate has seen this by its end.
    case measured(Step, StabilityEvidence)
    /// A gate could not say, and a person is asked whether the release is kept.
    case decisionAsked(Step, Failure)
    /// A person keeps it.
    case accepted(Step, Approval)
    /// A step did what it should.
    case finished(Step, took: Duration)
    /// A step failed.
    case failed(Step, Failure, took: Duration)
    /// The plan waits for a person.
    case approvalAsked(PlanDigest)
    /// A person said yes.
    case approved(Approval)
    /// What would be done is no longer what was planned, and so nobody has said yes to it.
    case approvalLapsed(PlanDigest)
    /// A step back began.
    case undoing(UndoStep, attempt: Int)
    /// A step back is done.
    case undone(UndoStep, took: Duration)
    /// A step back failed and will be tried again.
    case undoFailed(UndoStep, Failure)
    /// The control plane was started again and goes on.
    case resumed
    /// The verdict.
    case ended(Verdict)
    /// Long after: what serves is no longer what this deployment brought.
    case drifted([Drift])
    /// It was put right.
    case healed([Drift])
}
