// SPDX-License-Identifier: Apache-2.0

/// A plan as the API shows it.
public struct PlanView: Codable, Sendable, Hashable {
    /// SHA-256 of the whole plan; what an approval is bound to.
    ///
    /// Absent in a preview, which nobody can approve.
    public var digest: String?
    /// The project.
    public var project: String
    /// The environment.
    public var environment: String
    /// `release` or `rollback`.
    public var kind: String
    /// The commit that shall serve.
    public var commit: String
    /// The release that serves now.
    public var outgoing: String?
    /// Commits that come with it, newest first: hash and subject.
    public var commits: [CommitView]
    /// Instances by service.
    public var replicas: [String: Int]
    /// Service by route.
    public var routes: [String: String]
    /// Schema changes that will be applied, in order.
    public var migrations: [String]
    /// Whether a backup is taken and proven first.
    public var backsUp: Bool
    /// `rolling` or `blue-green`.
    public var strategy: String
    /// Every step, in order.
    public var steps: [String]
    /// What going back will take.
    public var wayBack: String

    /// Describes a plan.
    public init(
        digest: String?,
        project: String,
        environment: String,
        kind: String,
        commit: String,
        outgoing: String?,
        commits: [CommitView],
        replicas: [String: Int],
        routes: [String: String],
        migrations: [String],
        backsUp: Bool,
        strategy: String,
        steps: [String],
        wayBack: String,
    ) {
        self.digest = digest
        self.project = project
        self.environment = environment
        self.kind = kind
        self.commit = commit
        self.outgoing = outgoing
        self.commits = commits
        self.replicas = replicas
        self.routes = routes
        self.migrations = migrations
        self.backsUp = backsUp
        self.strategy = strategy
        self.steps = steps
        self.wayBack = wayBack
    }
}

/// A commit as the API shows it.
public struct CommitView: Codable, Sendable, Hashable {
    /// Its hash.
    public var id: String
    /// The first line of its message.
    public var subject: String
    /// Its author's name.
    public var author: String

    /// Describes a commit.
    public init(id: String, subject: String, author: String) {
        self.id = id
        self.subject = subject
        self.author = author
    }
}
