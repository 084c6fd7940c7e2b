// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// What a ``DeploymentID`` names.
public enum DeploymentSubject {}

/// Names a deployment: `d34`.
public typealias DeploymentID = Identifier<DeploymentSubject>

/// One attempt to make a release, or other data, serve an environment.
public struct Deployment: Sendable, Hashable, Codable {
    /// What it does.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Makes a new release serve.
        case release
        /// Makes an earlier release serve again.
        case rollback
        /// Puts an earlier state of a database in its place; the release stays.
        case restore
        /// Takes migrations of the release that serves forward or back; the release stays.
        case schema

        /// Whether the release that serves stays where it is.
        public var keepsRelease: Bool { self == .restore || self == .schema }
    }

    /// Its name.
    public var id: DeploymentID
    /// Where.
    public var environment: EnvironmentKey
    /// What it does.
    public var kind: Kind
    /// The release that shall serve.
    public var release: ReleaseID
    /// Who asked for it, and how.
    public var requester: Requester
    /// When it was asked for.
    public var requestedAt: Date
    /// Where it is.
    public var machine: DeploymentMachine
    /// The slot that the release runs in; known once it has begun.
    public var slot: Slot?
    /// Whether the release's instances ran already when it began, so that nothing is started.
    public var isWarm = false
    /// Who served when it began.
    public var outgoing: Placement?
    /// What it puts in the place of a database, when that is what it does.
    public var restoration: Restoration?
    /// Migrations that it takes back, or brings without a release.
    public var schema: SchemaChange?
    /// The plan that it was asked to follow, and no other; nil when any will do.
    public var requiredPlan: PlanDigest?
    /// Known once it is planned.
    public var plan: Plan?
    /// When a person was asked for a yes.
    public var approvalAskedAt: Date?
    /// When a person was asked whether the release is kept that its gate could not judge.
    public var decisionAskedAt: Date?
    /// Every yes that it got to its plan.
    public var approvals: [Approval] = []
    /// Backups that were made for it.
    public var backups: [BackupReceipt] = []
    /// Schema changes that it has applied, or may have.
    public var applied: [PendingMigration] = []
    /// Schema changes that it has taken back, or may have.
    public var reverted: [PendingMigration]?
    /// The edge's counters when it began.
    public var trafficBefore: TrafficCounters?
    /// The edge's counters when it ended.
    public var trafficAfter: TrafficCounters?
    /// What was served and failed while it ran; known once it has ended.
    public var traffic: [Slot: TrafficCounters.Totals]?
    /// When its first step began.
    public var begunAt: Date?
    /// When its verdict was written down together with who serves now.
    public var concludedAt: Date?

    /// A deployment that nothing has happened to yet.
    public init(
        id: DeploymentID,
        environment: EnvironmentKey,
        kind: Kind,
        release: ReleaseID,
        requester: Requester,
        requestedAt: Date,
    ) {
        self.id = id
        self.environment = environment
        self.kind = kind
        self.release = release
        self.requester = requester
        self.requestedAt = requestedAt
        machine = DeploymentMachine()
    }

    /// Where it is.
    public var phase: Phase { machine.phase }

    /// Whether nobody is served while its migrations run.
    public var closes: Bool { plan?.content.steps.contains(.close) == true }

    /// What it has done to the schema is undone.
    mutating func forgetSchema() {
        if schema == nil { applied = [] } else { reverted = nil }
    }

    /// Whether nothing of it is left to do.
    public var isOver: Bool { concludedAt != nil }
}
