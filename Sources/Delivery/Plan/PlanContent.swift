// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// Everything that a plan says.
///
/// Any difference makes another digest.
public struct PlanContent: Sendable, Hashable, Codable {
    /// One variable of a service: another version is another value.
    public struct Variable: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// Its version; nil when the service will not have it.
        public var version: Int?
        /// The version that serves now; nil when what serves does not have it.
        public var outgoing: Int?

        /// Describes a variable.
        public init(name: String, version: Int?, outgoing: Int?) {
            self.name = name
            self.version = version
            self.outgoing = outgoing
        }
    }

    /// One service as it will run.
    public struct Service: Sendable, Hashable, Codable {
        /// Its name.
        public var name: ServiceName
        /// How many instances.
        public var replicas: Int
        /// Memory that each may use.
        public var memory: ByteCount
        /// Its variables and those that it loses, by name; never their values.
        public var variables: [Variable]

        /// Describes a service.
        public init(name: ServiceName, replicas: Int, memory: ByteCount, variables: [Variable]) {
            self.name = name
            self.replicas = replicas
            self.memory = memory
            self.variables = variables
        }
    }

    /// Where.
    public var environment: EnvironmentKey
    /// What it does.
    public var kind: Deployment.Kind
    /// The commit that shall serve.
    public var commit: Commit
    /// The release that serves now.
    public var outgoing: ReleaseID?
    /// Commits that come with it, newest first, at most 50.
    public var commits: [Commit]
    /// Files that differ, in order, at most 200.
    public var files: [String]
    /// How many files differ.
    public var fileCount: Int
    /// Services, in the order of the manifest.
    public var services: [Service]
    /// The service of each route.
    public var routes: [String: ServiceName]
    /// The host name that it answers on the shared address.
    public var domain: String?
    /// Stable loopback ports, by service or accessory.
    public var ports: [String: Int]
    /// Schema changes that will be applied, in order.
    public var migrations: [PendingMigration]
    /// Schema changes that will be taken back, in order; nil for none.
    public var reverts: [PendingMigration]?
    /// Databases that are backed up first, each backup proven by a restore.
    public var backups: [AccessoryName]
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
        commit: Commit,
        outgoing: ReleaseID?,
        commits: [Commit],
        files: [String],
        fileCount: Int,
        services: [Service],
        routes: [String: ServiceName],
        domain: String?,
        ports: [String: Int],
        migrations: [PendingMigration],
        reverts: [PendingMigration]? = nil,
        backups: [AccessoryName],
        strategy: EnvironmentManifest.Strategy,
        steps: [Step],
        wayBack: String,
    ) {
        self.environment = environment
        self.kind = kind
        self.commit = commit
        self.outgoing = outgoing
        self.commits = commits
        self.files = files
        self.fileCount = fileCount
        self.services = services
        self.routes = routes
        self.domain = domain
        self.ports = ports
        self.migrations = migrations
        self.reverts = reverts
        self.backups = backups
        self.strategy = strategy
        self.steps = steps
        self.wayBack = wayBack
    }
}
