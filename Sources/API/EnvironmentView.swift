// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// An environment as the API shows it: what is true now.
public struct EnvironmentView: Codable, Sendable, Hashable {
    /// Its project.
    public var project: String
    /// Its name.
    public var environment: String
    /// Where it answers: URLs of its domain and stable ports.
    public var addresses: [String]
    /// Where it should be: the newest commit of its branch; absent when no branch is mapped to it, or before the first look.
    public var desired: DesiredView?
    /// The release that serves.
    public var serving: ServingView?
    /// The release that still runs without traffic.
    public var warm: ServingView?
    /// When the warm release is retired.
    public var warmUntil: Date?
    /// Where the running edge sends new requests; absent when it does not answer.
    public var traffic: String?
    /// Every instance.
    public var instances: [InstanceView]
    /// The deployment that is under way.
    public var deployment: DeploymentView?
    /// What is otherwise than the serving release was made, although no deployment changed it.
    public var drift: [DriftView]
    /// What else is not as it should be, in words.
    public var problems: [String]

    /// Describes an environment.
    public init(
        project: String,
        environment: String,
        addresses: [String],
        desired: DesiredView? = nil,
        serving: ServingView?,
        warm: ServingView?,
        warmUntil: Date?,
        traffic: String?,
        instances: [InstanceView],
        deployment: DeploymentView?,
        drift: [DriftView] = [],
        problems: [String],
    ) {
        self.project = project
        self.environment = environment
        self.addresses = addresses
        self.desired = desired
        self.serving = serving
        self.warm = warm
        self.warmUntil = warmUntil
        self.traffic = traffic
        self.instances = instances
        self.deployment = deployment
        self.drift = drift
        self.problems = problems
    }
}

/// The newest commit of an environment's branch.
public struct DesiredView: Codable, Sendable, Hashable {
    /// The branch.
    public var branch: String
    /// Its newest commit.
    public var commit: String
    /// The first line of the commit's message.
    public var subject: String
    /// The last deployment of this commit here, unless it serves; absent when there was none.
    public var deployment: String?
    /// What has become of it: the deployment's state.
    public var state: String?

    /// Describes a commit.
    public init(
        branch: String,
        commit: String,
        subject: String,
        deployment: String? = nil,
        state: String? = nil,
    ) {
        self.branch = branch
        self.commit = commit
        self.subject = subject
        self.deployment = deployment
        self.state = state
    }
}

/// Something of what serves that somebody has changed by hand, or that is gone.
public struct DriftView: Codable, Sendable, Hashable {
    /// `services`, `routes`, `files` or `variables`.
    public var kind: String
    /// What is the matter.
    public var text: String
    /// When it was found.
    public var since: Date
    /// Whether OpsHub puts it right by itself.
    public var heals: Bool

    /// Describes a finding.
    public init(kind: String, text: String, since: Date, heals: Bool) {
        self.kind = kind
        self.text = text
        self.since = since
        self.heals = heals
    }
}

/// A release in a slot.
public struct ServingView: Codable, Sendable, Hashable {
    /// The release.
    public var release: String
    /// Its slot.
    public var slot: String
    /// Its commit.
    public var commit: String
    /// The first line of the commit's message.
    public var subject: String
    /// Since when.
    public var since: Date

    /// Describes a release in a slot.
    public init(release: String, slot: String, commit: String, subject: String, since: Date) {
        self.release = release
        self.slot = slot
        self.commit = commit
        self.subject = subject
        self.since = since
    }
}

/// One instance.
public struct InstanceView: Codable, Sendable, Hashable {
    /// Its service.
    public var service: String
    /// From 1.
    public var replica: Int
    /// Its slot.
    public var slot: String
    /// The release it runs.
    public var release: String
    /// Its loopback port.
    public var port: Int
    /// `running`, `restarting` or `stopped`.
    public var state: String
    /// How often it ended by itself.
    public var exits: Int

    /// Describes an instance.
    public init(
        service: String,
        replica: Int,
        slot: String,
        release: String,
        port: Int,
        state: String,
        exits: Int,
    ) {
        self.service = service
        self.replica = replica
        self.slot = slot
        self.release = release
        self.port = port
        self.state = state
        self.exits = exits
    }
}
