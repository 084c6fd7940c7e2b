// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// What a plan is made of: the same for one that is only looked at and for one that a deployment has made, so that the two
/// have the same digest when they say the same.
struct PlanDraft {
    let key: EnvironmentKey
    let kind: Deployment.Kind
    /// What shall serve; without a name as long as nobody has asked for it.
    let release: Release
    /// Which version of each variable it has.
    let variables: VariableVersions
    /// The same of the one that serves now.
    let outgoingVariables: VariableVersions?
    let environment: EnvironmentManifest
    /// The release that serves now.
    let outgoing: Release?
    /// Whether the release's instances run already.
    let isWarm: Bool
    let migrations: [PendingMigration]
    /// What is taken back with it.
    var schema: SchemaChange?
    /// What they will mean.
    let verdicts: [MigrationVerdict]

    private var commit: Commit { release.commit }
    private var manifest: ProjectManifest { release.manifest }

    /// How many files are named.
    private static let fileLimit = 200

    /// The plan, with its digest.
    func plan(_ ports: DeliveryPorts) async throws -> Plan {
        let (sources, from) = (ports.sources, outgoing?.commit.id)
        let files = try await sources.changedPaths(since: from, to: commit.id, of: key.project)
        let content = content(
            commits: try await sources.commits(from: from, to: commit.id, of: key.project, limit: 50),
            files: files,
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let verdicts = outgoing == nil ? verdicts.map { $0.withoutOutgoing() } : verdicts
        return Plan(
            digest: PlanDigest(ports.digest(Array(try encoder.encode(content)))),
            content: content,
            verdicts: verdicts,
            refusals: verdicts.refusals(in: environment, closed: closes),
        )
    }

    private func content(commits: [Commit], files: [String]) -> PlanContent {
        let services = manifest.services.map { service in
            PlanContent.Service(
                name: service.name,
                replicas: environment.replicas[service.name.rawValue] ?? service.replicas,
                memory: service.limits.memory,
                variables: variables(of: service),
            )
        }
        let course = Course(
            needsApproval: environment.approval.required && kind == .release,
            backsUp: !backups.isEmpty,
            migration: moment,
            reverts: schema != nil,
            closes: closes,
            // What serves has lost its schema by then, and nothing is to be shared with it.
            movement: schema != nil || closes
                ? [.shift(percent: 100)]
                : Course.movement(
                    in: environment,
                    replicas: services.map(\.replicas).max() ?? 1,
                    hasOutgoing: outgoing != nil,
                ),
            hasOutgoing: outgoing != nil,
            isWarm: isWarm,
        )
        return PlanContent(
            environment: key,
            kind: kind,
            commit: commit,
            outgoing: outgoing?.id,
            commits: commits,
            files: Array(files.prefix(Self.fileLimit)),
            fileCount: files.count,
            services: services,
            routes: manifest.routes,
            domain: environment.domain,
            ports: environment.ports,
            migrations: migrations,
            reverts: schema?.migrations,
            backups: backups,
            strategy: environment.strategy,
            steps: Array(course.steps.drop { $0 != .plan }.dropFirst()),
            wayBack: wayBack,
        )
    }

    private func variables(of service: ServiceManifest) -> [PlanContent.Variable] {
        let own = Set(service.variables(in: environment).keys)
        var old: Set<String> = []
        if let before = outgoing?.manifest.services.first(where: { $0.name == service.name }),
            let place = outgoing?.manifest.environment(key.environment)
        {
            old = Set(before.variables(in: place).keys)
        }
        return own.union(old).sorted()
            .map { name in
                PlanContent.Variable(
                    name: name,
                    version: own.contains(name) ? variables[service.name, name] : nil,
                    outgoing: old.contains(name) ? outgoingVariables?[service.name, name] : nil,
                )
            }
    }

    /// Whether nobody is served while the schema changes.
    private var closes: Bool {
        guard let outgoing else { return false }
        let wanted = environment.maintenance ?? .never
        guard schema == nil else {
            // The release that is returned to may be older than the word.
            let now = outgoing.manifest.environment(key.environment)?.maintenance
            return wanted != .never || (now ?? .never) != .never
        }
        return switch wanted {
        case .never: false
        case .migrations: !migrations.isEmpty
        case .breaking: verdicts.contains { $0.findings.contains { $0.hazard.concernsRelease } }
        }
    }

    /// When the schema changes; an earlier release may know nothing of the migrations that are taken back for it.
    private var moment: MigrationsManifest.Moment? {
        guard schema == nil else { return manifest.migrations?.moment ?? .afterHealth }
        return migrations.isEmpty ? nil : manifest.migrations?.moment
    }

    /// The database that migrations change, or all of them where every deployment backs up.
    private var backups: [AccessoryName] {
        if let schema { return [schema.accessory] }
        let policy = environment.backup.before
        guard !isWarm, policy == .always || !migrations.isEmpty else { return [] }
        let changed = manifest.migrations?.accessory
        return manifest.accessories.filter(\.isCopied).map(\.name)
            .filter { policy == .always || changed == nil || $0 == changed }
    }

    private var wayBack: String {
        guard let outgoing else { return "none: nothing served before" }
        let code =
            "traffic returns to \(outgoing.id) at once while it is warm "
            + "(\(environment.keepWarm.briefly) after the verdict), later it is started again"
        guard schema == nil else {
            return "\(outgoing.id) needs what is taken back: a deployment of its commit applies it again"
        }
        guard !closes else {
            return
                "its migrations are taken back with it while it is watched; later: opshub rollback -e \(key.environment) --to \(outgoing.id) --with-schema"
        }
        guard let last = migrations.last else { return code }
        return code
            + "; the schema stays at \(last.revision), with which \(outgoing.id) serves before the switch"
    }
}
