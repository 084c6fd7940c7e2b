// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A project as the API shows it: where its commits come from, and where its branches are.
public struct ProjectView: Codable, Sendable, Hashable {
    /// A branch, and which environments get it.
    public struct Branch: Codable, Sendable, Hashable {
        /// Its name.
        public var branch: String
        /// Its newest commit.
        public var commit: String
        /// Environments that are mapped to it.
        public var environments: [String]

        /// Describes a branch.
        public init(branch: String, commit: String, environments: [String]) {
            self.branch = branch
            self.commit = commit
            self.environments = environments
        }
    }

    /// Its name.
    public var name: String
    /// The remote that it follows; absent when it is pushed to OpsHub.
    public var remote: String?
    /// Seconds between two looks at the remote.
    public var interval: Double?
    /// When a look last ended, since the control plane was started.
    public var askedAt: Date?
    /// When the remote last answered, since the control plane was started.
    public var answeredAt: Date?
    /// The public key that the remote must know, for SSH.
    public var deployKey: String?
    /// Its branches, by name.
    public var branches: [Branch]
    /// What is not as it should be, in words.
    public var problems: [String]

    /// Describes a project.
    public init(
        name: String,
        remote: String? = nil,
        interval: Double? = nil,
        askedAt: Date? = nil,
        answeredAt: Date? = nil,
        deployKey: String? = nil,
        branches: [Branch] = [],
        problems: [String] = [],
    ) {
        self.name = name
        self.remote = remote
        self.interval = interval
        self.askedAt = askedAt
        self.answeredAt = answeredAt
        self.deployKey = deployKey
        self.branches = branches
        self.problems = problems
    }
}

/// Body of `POST /api/v1/projects`: a remote that a project shall follow.
public struct RemoteOrder: Codable, Sendable, Hashable {
    /// The project's name.
    public var name: String
    /// The remote's address.
    public var url: String
    /// Seconds between two looks; 30 when absent.
    public var interval: Double?
    /// A token that may read the remote, for `https://`; the one that was given before when absent.
    public var token: String?

    /// Describes an order.
    public init(name: String, url: String, interval: Double? = nil, token: String? = nil) {
        self.name = name
        self.url = url
        self.interval = interval
        self.token = token
    }
}

/// Body of `POST /api/v1/projects/NAME/sync`.
public struct SyncOrder: Codable, Sendable, Hashable {
    /// A branch that is taken over although its history was rewritten or removed at the remote; none when absent.
    public var accept: String?

    /// Describes an order.
    public init(accept: String? = nil) {
        self.accept = accept
    }
}
