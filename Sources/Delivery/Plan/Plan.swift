// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// What a deployment will do, exactly; a person approves its digest.
public struct Plan: Sendable, Hashable, Codable {
    /// SHA-256 of `content`.
    public var digest: PlanDigest
    /// Everything that it says.
    public var content: PlanContent

    /// Describes a plan.
    public init(digest: PlanDigest, content: PlanContent) {
        self.digest = digest
        self.content = content
    }
}

/// Everything that a plan says.
///
/// Any difference makes another digest.
public struct PlanContent: Sendable, Hashable, Codable {
    /// Where.
    public var environment: EnvironmentKey
    /// What it does.
    public var kind: Deployment.Kind
    /// The release that shall serve.
    public var release: ReleaseID
    /// Its commit.
    public var commit: Commit
    /// The release that serves now.
    public var outgoing: ReleaseID?
    /// Commits that come with it, newest first, at most 50.
    public var commits: [Commit]
    /// Services with their number of instances, by name.
    public var replicas: [String: Int]
    /// The service of each route.
    public var routes: [String: ServiceName]
    /// Schema changes that will be applied, in order.
    public var migrations: [PendingMigration]
    /// Whether a backup is taken, and proven by a restore, first.
    public var backsUp: Bool
    /// How traffic moves.
    public var strategy: EnvironmentManifest.Strategy
    /// The steps from here on.
    public var steps: [Step]
    /// What going back will take.
    public var wayBack: String

    /// Describes the content of a plan.
    public init(
        environment: EnvironmentKey,
        kind: Deployment.Kind,
        release: ReleaseID,
        commit: Commit,
        outgoing: ReleaseID?,
        commits: [Commit],
        replicas: [String: Int],
        routes: [String: ServiceName],
        migrations: [PendingMigration],
        backsUp: Bool,
        strategy: EnvironmentManifest.Strategy,
        steps: [Step],
        wayBack: String,
    ) {
        self.environment = environment
        self.kind = kind
        self.release = release
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

/// One schema change that has not been applied yet.
public struct PendingMigration: Sendable, Hashable, Codable {
    /// The tool's name for it.
    public var revision: String
    /// What it says of itself.
    public var title: String

    /// Describes a migration.
    public init(revision: String, title: String) {
        self.revision = revision
        self.title = title
    }
}
