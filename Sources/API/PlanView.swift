// SPDX-License-Identifier: Apache-2.0

/// A plan as the API shows it.
public struct PlanView: Codable, Sendable, Hashable {
    /// SHA-256 of the whole plan: what an approval is bound to, and what `deploy --plan` runs.
    public var digest: String
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
    /// Files that differ from what serves, at most 200.
    public var files: [String]
    /// How many files differ.
    public var fileCount: Int
    /// Services as they will run.
    public var services: [PlannedServiceView]
    /// Service by route.
    public var routes: [String: String]
    /// The host name that it answers.
    public var domain: String?
    /// Stable loopback ports, by service or accessory.
    public var ports: [String: Int]
    /// Schema changes that will be applied, in order.
    public var migrations: [String]
    /// Databases that are backed up first, each backup proven by a restore.
    public var backups: [String]
    /// `rolling` or `blue-green`.
    public var strategy: String
    /// Every step, in order.
    public var steps: [String]
    /// What going back will take.
    public var wayBack: String
    /// How long it will take, in seconds, going by the latest ones; absent without any.
    public var expectedSeconds: Double?
    /// What each migration will mean; absent where nobody looked.
    public var verdicts: [MigrationVerdictView]?
    /// Why a deployment would end at its plan; absent in a plan of an OpsHub that did not look.
    public var refusals: [String]?
    /// Migrations that are taken back, the first to go first; absent for none.
    public var reverts: [String]?

    /// Describes a plan.
    public init(
        digest: String,
        project: String,
        environment: String,
        kind: String,
        commit: String,
        outgoing: String?,
        commits: [CommitView],
        files: [String],
        fileCount: Int,
        services: [PlannedServiceView],
        routes: [String: String],
        domain: String?,
        ports: [String: Int],
        migrations: [String],
        backups: [String],
        strategy: String,
        steps: [String],
        wayBack: String,
        expectedSeconds: Double? = nil,
        verdicts: [MigrationVerdictView]? = nil,
        refusals: [String]? = nil,
        reverts: [String]? = nil,
    ) {
        self.reverts = reverts
        self.digest = digest
        self.project = project
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
        self.backups = backups
        self.strategy = strategy
        self.steps = steps
        self.wayBack = wayBack
        self.expectedSeconds = expectedSeconds
        self.verdicts = verdicts
        self.refusals = refusals
    }
}

/// What a migration will mean, as the API shows it.
public struct MigrationVerdictView: Codable, Sendable, Hashable {
    /// One thing that was found.
    public struct Finding: Codable, Sendable, Hashable {
        /// `may-fail`, `breaks-queries`, `breaks-code`, `breaks-release`, `loses-data`, `blocks-reads`, `blocks-writes`, `fails-verification`, `irreversible` or `unknown`.
        public var hazard: String
        /// What does it, to what, and how large that is.
        public var sentence: String
        /// A safer form.
        public var advice: String?

        /// Describes a finding.
        public init(hazard: String, sentence: String, advice: String?) {
            self.hazard = hazard
            self.sentence = sentence
            self.advice = advice
        }
    }

    /// The migration.
    public var revision: String
    /// `safe`, or what can go wrong, the worst first.
    public var verdict: String
    /// Everything that was found.
    public var findings: [Finding]
    /// What speaks for it.
    public var remark: String?

    /// Describes a verdict.
    public init(revision: String, verdict: String, findings: [Finding], remark: String? = nil) {
        self.revision = revision
        self.verdict = verdict
        self.findings = findings
        self.remark = remark
    }
}

/// A service of a plan as the API shows it.
public struct PlannedServiceView: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// How many instances.
    public var replicas: Int
    /// Memory that each may use, in bytes.
    public var memory: Int64
    /// Its variables and those that it loses, by name.
    public var variables: [PlannedVariableView]

    /// Describes a service.
    public init(name: String, replicas: Int, memory: Int64, variables: [PlannedVariableView]) {
        self.name = name
        self.replicas = replicas
        self.memory = memory
        self.variables = variables
    }
}

/// A variable of a service as a plan shows it; another version is another value.
public struct PlannedVariableView: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its version; absent when the service will not have it.
    public var version: Int?
    /// The version that serves now; absent when what serves does not have it.
    public var outgoing: Int?

    /// Describes a variable.
    public init(name: String, version: Int?, outgoing: Int?) {
        self.name = name
        self.version = version
        self.outgoing = outgoing
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
