// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// A deployment as the API shows it.
public struct DeploymentView: Codable, Sendable, Hashable {
    /// `queued`, `running`, `awaiting-approval`, `awaiting-decision`, `undoing`, or a verdict: `succeeded`, `failed`, `rejected`, `cancelled`, `superseded`.
    public var state: String
    /// Its name: `d12`.
    public var id: String
    /// Its project.
    public var project: String
    /// Its environment.
    public var environment: String
    /// `release`, `rollback` or `restore`.
    public var kind: String
    /// What is restored: `backup b7 into db`; absent for other kinds.
    public var restores: String?
    /// The release that shall serve: `r7`.
    public var release: String
    /// The release's commit.
    public var commit: String
    /// The first line of the commit's message.
    public var subject: String
    /// Who asked for it.
    public var requestedBy: String
    /// When it was asked for.
    public var requestedAt: Date
    /// When its verdict was given.
    public var endedAt: Date?
    /// The step that runs or that it ended at.
    public var step: String?
    /// Whether it is over.
    public var isOver: Bool
    /// Why it did not succeed.
    public var failure: Failure?
    /// What was undone.
    public var undone: [String]
    /// The plan that it follows.
    public var plan: PlanView?
    /// Every yes to its plan.
    public var approvals: [ApprovalView]
    /// Requests served and failed while it ran, by slot; absent when the edge could not tell.
    public var traffic: [String: TrafficView]?

    /// Describes a deployment.
    public init(
        state: String,
        id: String,
        project: String,
        environment: String,
        kind: String,
        restores: String? = nil,
        release: String,
        commit: String,
        subject: String,
        requestedBy: String,
        requestedAt: Date,
        endedAt: Date?,
        step: String?,
        isOver: Bool,
        failure: Failure?,
        undone: [String],
        plan: PlanView?,
        approvals: [ApprovalView] = [],
        traffic: [String: TrafficView]?,
    ) {
        self.state = state
        self.id = id
        self.project = project
        self.environment = environment
        self.kind = kind
        self.restores = restores
        self.release = release
        self.commit = commit
        self.subject = subject
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
        self.endedAt = endedAt
        self.step = step
        self.isOver = isOver
        self.failure = failure
        self.undone = undone
        self.plan = plan
        self.approvals = approvals
        self.traffic = traffic
    }
}

/// Requests of one slot.
public struct TrafficView: Codable, Sendable, Hashable {
    /// Requests answered.
    public var served: Int
    /// Of those: 5xx and connection errors.
    public var failed: Int

    /// Describes requests.
    public init(served: Int, failed: Int) {
        self.served = served
        self.failed = failed
    }
}
