// SPDX-License-Identifier: Apache-2.0

/// A plan that nobody has asked for yet, and what is known besides.
public struct PlanOutlook: Sendable, Hashable {
    /// The plan.
    public var plan: Plan
    /// How long the latest deployments that succeeded took, the median; nil when there is none.
    public var expected: Duration?

    /// Puts the two together.
    public init(plan: Plan, expected: Duration?) {
        self.plan = plan
        self.expected = expected
    }
}
