// SPDX-License-Identifier: Apache-2.0
public import Core

/// How a deployment ended.
///
/// A deployment has exactly one, and only gates and failed steps decide it (Invariant 5).
public struct Verdict: Hashable, Sendable, Codable {
    /// How it ended.
    public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
        /// The release serves.
        case succeeded
        /// A step or gate failed, and what had been done was undone.
        case failed
        /// A person said no to the plan, or nobody answered in time.
        case rejected
        /// A person stopped it, and what had been done was undone.
        case cancelled
        /// A newer deployment replaced it before it had switched.
        case superseded
    }

    /// How it ended.
    public var outcome: Outcome
    /// Where it ended; nil when it succeeded or had not begun.
    public var step: Step?
    /// Why; nil when it succeeded.
    public var failure: Failure?
    /// What was undone, in that order.
    public var undone: [UndoStep]

    /// Describes an ending.
    public init(outcome: Outcome, step: Step? = nil, failure: Failure? = nil, undone: [UndoStep] = []) {
        self.outcome = outcome
        self.step = step
        self.failure = failure
        self.undone = undone
    }
}
