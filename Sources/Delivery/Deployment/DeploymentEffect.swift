// SPDX-License-Identifier: Apache-2.0

/// What must be done because a deployment entered a phase.
///
/// Every effect is idempotent.
public enum DeploymentEffect: Hashable, Sendable, Codable {
    /// Run this step.
    case perform(Step)
    /// End what the running step is doing; its result no longer matters.
    case interrupt(Step)
    /// Show the plan to the people who may approve it.
    case askApproval(PlanDigest)
    /// Ask whether the release is kept that this gate could not judge, and watch it on.
    case askDecision(Step)
    /// Run this step back; `attempt` counts from 1, and later ones wait first.
    case undo(UndoStep, attempt: Int)
    /// Write down who serves now, give the verdict and let the next deployment begin.
    case conclude(Verdict)
}
