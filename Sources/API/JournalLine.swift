// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// One line of a deployment's journal as the API shows it.
public struct JournalLine: Codable, Sendable, Hashable {
    /// What kind of line it is.
    public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
        /// The deployment was asked for.
        case requested
        /// A step began.
        case started
        /// A program wrote a line.
        case output
        /// A step measured or decided something.
        case note
        /// A stability gate has seen this by its end.
        case measured
        /// A gate could not say, and a person is asked.
        case decisionAsked = "decision-asked"
        /// A person keeps the release that a gate could not judge.
        case accepted
        /// A step did what it should.
        case finished
        /// A step failed.
        case failed
        /// The plan waits for a person.
        case approvalAsked = "approval-asked"
        /// A person said yes.
        case approved
        /// A plan that waited no longer holds.
        case approvalLapsed = "approval-lapsed"
        /// A step back began.
        case undoing
        /// A step back is done.
        case undone
        /// A step back failed and is tried again.
        case undoFailed = "undo-failed"
        /// The control plane was started again.
        case resumed
        /// The verdict.
        case ended
        /// What serves is no longer what the deployment brought.
        case drifted
        /// It was put right.
        case healed
    }

    /// From 1, without gaps within a deployment.
    public var sequence: Int
    /// When.
    public var at: Date
    /// What kind of line it is.
    public var kind: Kind
    /// The step it is about, as people read it.
    public var step: String?
    /// What it says.
    public var text: String
    /// How long the step took, in milliseconds.
    public var tookMilliseconds: Int64?
    /// What failed.
    public var failure: Failure?
    /// Of the last line: the verdict.
    public var outcome: String?
    /// What a stability gate has seen.
    public var measured: StabilityView?

    /// Describes a line.
    public init(
        sequence: Int,
        at: Date,
        kind: Kind,
        step: String? = nil,
        text: String,
        tookMilliseconds: Int64? = nil,
        failure: Failure? = nil,
        outcome: String? = nil,
        measured: StabilityView? = nil,
    ) {
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.step = step
        self.text = text
        self.tookMilliseconds = tookMilliseconds
        self.failure = failure
        self.outcome = outcome
        self.measured = measured
    }
}
