// SPDX-License-Identifier: Apache-2.0
public import Core

/// One environment as `opshub.yml` describes it.
public struct EnvironmentManifest: Hashable, Sendable, Codable {
    /// How traffic moves from one release to the next.
    public enum Strategy: String, Hashable, Sendable, Codable, CaseIterable {
        /// Replica by replica, both releases serving in between.
        case rolling
        /// All at once.
        case blueGreen = "blue-green"
        /// A small share first, then larger ones, each watched before the next.
        case canary
    }

    /// For which migrations nobody is served.
    public enum Maintenance: String, Hashable, Sendable, Codable, CaseIterable {
        /// For none: what serves goes on, and must bear them.
        case never
        /// For those that break what serves, by their rehearsal.
        case breaking
        /// For all.
        case migrations
    }

    /// Its key in the file.
    public var name: EnvironmentName
    /// The compose files that describe it, in place of the project's; the project's when nil.
    public var compose: ComposeManifest?
    /// A push to this branch deploys here.
    ///
    /// Nil: only `opshub deploy` does.
    public var branch: String?
    /// The host name that the edge answers for it.
    public var domain: String?
    /// How traffic moves; rolling by default, blue-green for `production`.
    public var strategy: Strategy
    /// How a canary's share grows.
    public var canary: CanaryManifest
    /// Whether a person must say yes.
    public var approval: ApprovalManifest
    /// The stable local port of a service (held by the edge) or of an accessory, by its name.
    public var ports: [String: Int]
    /// Replicas that differ from the service's own, by service.
    public var replicas: [String: Int]
    /// Variables on top of the services' own.
    public var variables: [String: String]
    /// What traffic must look like after the switch.
    public var stability: StabilityManifest
    /// Requests that the new release must answer before it gets traffic.
    public var smoke: [SmokeCheckManifest]
    /// What is asked through the public address after the switch; `GET /` answering below 500 when not said.
    public var external: [SmokeCheckManifest]
    /// When backups are taken and how long they are kept.
    public var backup: BackupManifest
    /// How many builds are kept on the disk.
    public var releases: ReleasesManifest
    /// What is put right by itself when it has drifted: instances and routes by default, which takes no deployment.
    public var heal: [DriftKind]
    /// Migrations that do one of these are not deployed; see ``refusedHazards``.
    public var refuseMigrations: [MigrationHazard]?
    /// For which migrations nobody is served; for none when nil.
    public var maintenance: Maintenance?
    /// How long requests in flight have to end after the switch; 30 s by default.
    public var drainTimeout: Duration
    /// How long the outgoing release keeps running without traffic; 15 minutes by default.
    public var keepWarm: Duration

    /// Describes an environment.
    public init(
        name: EnvironmentName,
        compose: ComposeManifest? = nil,
        branch: String? = nil,
        domain: String? = nil,
        strategy: Strategy = .rolling,
        canary: CanaryManifest = CanaryManifest(),
        approval: ApprovalManifest = ApprovalManifest(),
        ports: [String: Int] = [:],
        replicas: [String: Int] = [:],
        variables: [String: String] = [:],
        stability: StabilityManifest = StabilityManifest(),
        smoke: [SmokeCheckManifest] = [],
        external: [SmokeCheckManifest] = [],
        backup: BackupManifest = BackupManifest(),
        releases: ReleasesManifest = ReleasesManifest(),
        heal: [DriftKind] = [.services, .routes],
        refuseMigrations: [MigrationHazard]? = nil,
        maintenance: Maintenance? = nil,
        drainTimeout: Duration = .seconds(30),
        keepWarm: Duration = .seconds(900),
    ) {
        self.name = name
        self.compose = compose
        self.branch = branch
        self.domain = domain
        self.strategy = strategy
        self.canary = canary
        self.approval = approval
        self.ports = ports
        self.replicas = replicas
        self.variables = variables
        self.stability = stability
        self.smoke = smoke
        self.external = external
        self.backup = backup
        self.releases = releases
        self.heal = heal
        self.refuseMigrations = refuseMigrations
        self.maintenance = maintenance
        self.drainTimeout = drainTimeout
        self.keepWarm = keepWarm
    }
}

extension EnvironmentManifest {
    /// What no migration may do: what was said, and what is known to break the release that serves; nothing where `[]` was said.
    ///
    /// A word in a file is weaker evidence than a query that fails: who says what is refused may leave it out.
    ///
    /// In maintenance nobody is in the way, and nothing but the way back is left of what was served before: it must exist.
    ///
    /// - Parameter closed: Whether nobody is served while they run.
    /// - Returns: Hazards.
    public func refusedHazards(whenClosed closed: Bool) -> Set<MigrationHazard> {
        guard refuseMigrations != [] else { return [] }
        var refused = Set(refuseMigrations ?? [.breaksCode]).union([.breaksQueries])
        // Of what may break, what is named is the more certain part.
        if refused.contains(.breaksRelease) { refused.insert(.breaksCode) }
        if closed {
            refused = refused.filter { !$0.concernsServing }.union([.irreversible])
        }
        // Of what could not be taken down and up again nobody knows that it can be taken back.
        if refused.contains(where: \.needsVerification) { refused.insert(.failsVerification) }
        return refused
    }

    /// Whether pending migrations are taken down and up again before anything is changed.
    public var verifiesMigrations: Bool {
        guard refuseMigrations != [] else { return false }
        return (maintenance ?? .never) != .never
            || refuseMigrations?.contains(where: \.needsVerification) == true
    }
}
