// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Manifest

extension DeliveryEngine {
    /// What a deployment would do, as far as Git and the records can tell without building anything.
    ///
    /// Migrations are the files that differ below the migrations folder; the tool itself is asked once the release is built.
    /// Where it says the same, the deployment's plan has this digest; see ``deploy(_:reference:plan:requester:)``.
    public func preview(_ key: EnvironmentKey, reference: String?) async throws -> PlanOutlook {
        let (commit, manifest) = try await resolve(key, reference)
        return PlanOutlook(
            plan: try await plan(key, commit, manifest),
            expected: try await expectedDuration(key),
        )
    }

    /// The plan of a commit as things are now.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - commit: Of what.
    ///   - manifest: Of the commit.
    ///   - isForDigest: Whether nobody looks at it: then what migrations will mean is found out only where the plan depends on it.
    /// - Returns: The plan.
    /// - Throws: `not-found` for an environment that the commit does not have.
    func plan(
        _ key: EnvironmentKey,
        _ commit: Commit,
        _ manifest: ProjectManifest,
        isForDigest: Bool = false,
    ) async throws -> Plan {
        guard let environment = manifest.environment(key.environment) else {
            throw Failure.unknown(key, known: Set(manifest.environments.map(\.name)))
        }
        var (outgoing, outgoingVariables): (Release?, VariableVersions?) = (nil, nil)
        if let serving = try await ports.records.environment(key)?.serving {
            outgoing = try await ports.records.release(serving.release)
        }
        if let outgoing { outgoingVariables = try await ports.records.variables(of: outgoing) }
        let release = Release(
            id: ReleaseID(""),
            environment: key,
            commit: commit,
            manifest: manifest,
            createdAt: ports.time.now,
        )
        let migrations = try await migrations(
            manifest,
            from: outgoing?.commit.id,
            to: commit.id,
            in: key.project,
        )
        let draft = PlanDraft(
            key: key,
            kind: .release,
            release: release,
            variables: try await ports.records.variables(of: release),
            outgoingVariables: outgoingVariables,
            environment: environment,
            outgoing: outgoing,
            isWarm: false,
            migrations: migrations,
            verdicts: isForDigest && environment.maintenance != .breaking
                ? [] : try await verdicts(on: migrations, of: release, outgoing: outgoing?.id),
        )
        return try await draft.plan(ports)
    }

    /// What is known of migrations before a build: of files with SQL everything; Alembic's are code, and the build installs
    /// what it needs.
    private func verdicts(
        on migrations: [PendingMigration],
        of release: Release,
        outgoing: ReleaseID?,
    ) async throws -> [MigrationVerdict] {
        guard !migrations.isEmpty, let settings = release.manifest.migrations,
            let accessory = release.manifest.accessories.first(where: { $0.name == settings.accessory })
        else { return [] }
        guard settings.tool.isPlainSQL else {
            return try await verdictsOfBuild(on: migrations, of: release, outgoing: outgoing)
        }
        let (key, folder) = (release.environment, "\(self.settings.layout.previews)/\(UUID())")
        // The port is not asked for where a database is looked for.
        let specification = AccessorySpecification(environment: key, manifest: accessory, port: 0)
        guard let database = try await ports.accessories.address(of: specification)?.database else {
            return .unknown(migrations, because: "the first deployment makes the database")
        }
        let found = try await verdicts(on: migrations, of: release) {
            try await ports.sources.checkOut(release.commit.id, of: key.project, into: folder)
            return MigrationTarget(
                release: release,
                folder: folder,
                database: database,
                variables: [:],
                outgoing: outgoing,
                outgoingSince: try await ports.records.lastDisturbance(of: key),
            )
        }
        try await ports.builds.discard(folder, of: key)
        try Task.checkCancellation()
        return found
    }

    /// What is known of migrations that are programs: what the built release shows, where the commit was built there before.
    private func verdictsOfBuild(
        on migrations: [PendingMigration],
        of release: Release,
        outgoing: ReleaseID?,
    ) async throws -> [MigrationVerdict] {
        let key = release.environment
        let built = try await ports.records.releases(of: key, limit: 1000)
            .first { $0.commit.id == release.commit.id && $0.builtAt != nil && $0.retiredAt == nil }
        guard let built else {
            return .unknown(
                migrations,
                because:
                    "Alembic's revisions are programs that need what the build installs, and \(release.commit.id.short) was not built here yet: its deployment asks them before anything is applied",
            )
        }
        let found = try await verdicts(on: migrations, of: release) {
            var target = try await migrationTarget(key, release: built.id)
            target.outgoing = outgoing
            return target
        }
        try Task.checkCancellation()
        return found
    }

    private func verdicts(
        on migrations: [PendingMigration],
        of release: Release,
        with target: () async throws -> MigrationTarget,
    ) async throws -> [MigrationVerdict] {
        let isVerifying =
            release.manifest.environment(release.environment.environment)?.verifiesMigrations == true
        do {
            var target = try await target()
            target.isPreview = true
            return try await ports.database.verdicts(
                target,
                on: migrations,
                verifying: isVerifying,
            )
        } catch {
            return .unknown(
                migrations,
                because: Failure.wrapping(error, doing: "rehearsing them").message,
                verifying: isVerifying,
            )
        }
    }

    private func expectedDuration(_ key: EnvironmentKey) async throws -> Duration? {
        let times = try await ports.records.deployments(of: key, limit: 50)
            .filter { $0.phase.verdict?.outcome == .succeeded && $0.kind == .release }
            .compactMap { deployment -> Double? in
                guard let begin = deployment.begunAt, let end = deployment.concludedAt else { return nil }
                return end.timeIntervalSince(begin)
            }
            .prefix(10).sorted()
        return times.isEmpty ? nil : .seconds(times[times.count / 2])
    }

    private func migrations(
        _ manifest: ProjectManifest,
        from present: CommitID?,
        to commit: CommitID,
        in project: ProjectName,
    ) async throws -> [PendingMigration] {
        guard let migrations = manifest.migrations else { return [] }
        let paths = try await ports.sources.changedPaths(since: present, to: commit, of: project)
        var files: [MigrationFile] = []
        for path in manifest.migrationPaths(among: paths) {
            // A file that the commit removes brings nothing.
            guard let bytes = try await ports.sources.file(path, at: commit, of: project) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            if let file = MigrationFile(path: path, text: text, tool: migrations.tool) { files.append(file) }
        }
        return files.inOrder
    }
}
