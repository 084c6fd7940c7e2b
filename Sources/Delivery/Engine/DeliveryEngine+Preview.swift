// SPDX-License-Identifier: Apache-2.0
public import Core
import Manifest

extension DeliveryEngine {
    /// What a deployment would do, as far as Git and the records can tell without building anything.
    ///
    /// Migrations are the files that differ below the migrations folder; the tool itself is asked only once the release
    /// is built. Nobody can approve a preview: it has no digest.
    public func preview(_ key: EnvironmentKey, reference: String?) async throws -> PlanContent {
        let (commit, manifest) = try await resolve(key, reference)
        guard let environment = manifest.environment(key.environment) else {
            throw Failure.unknown(key, known: Set(manifest.environments.map(\.name)))
        }
        let serving = try await ports.records.environment(key)?.serving
        var present: CommitID?
        if let serving { present = try await ports.records.release(serving.release)?.commit.id }
        let migrations = try await migrationFiles(manifest, from: present, to: commit.id, in: key.project)
        let replicas = Dictionary(
            uniqueKeysWithValues: manifest.services.map { service in
                (service.name.rawValue, environment.replicas[service.name.rawValue] ?? service.replicas)
            }
        )
        let backsUp =
            !manifest.accessories.isEmpty && (environment.backup.before == .always || !migrations.isEmpty)
        let course = Course(
            needsApproval: environment.approval.required,
            backsUp: backsUp,
            migration: migrations.isEmpty ? nil : manifest.migrations?.moment,
            movement: Course.movement(
                in: environment,
                replicas: replicas.values.max() ?? 1,
                hasOutgoing: serving != nil,
            ),
            hasOutgoing: serving != nil,
            isWarm: false,
        )
        return PlanContent(
            environment: key,
            kind: .release,
            release: ReleaseID("(next)"),
            commit: commit,
            outgoing: serving?.release,
            commits: try await ports.sources.commits(
                from: present,
                to: commit.id,
                of: key.project,
                limit: 50,
            ),
            replicas: replicas,
            routes: manifest.routes,
            migrations: migrations,
            backsUp: backsUp,
            strategy: environment.strategy,
            steps: course.steps,
            wayBack: serving.map { "traffic returns to \($0.release)" } ?? "none: nothing serves yet",
        )
    }

    private func migrationFiles(
        _ manifest: ProjectManifest,
        from present: CommitID?,
        to commit: CommitID,
        in project: ProjectName,
    ) async throws -> [PendingMigration] {
        guard let migrations = manifest.migrations,
            let service = manifest.services.first(where: { $0.name == migrations.service })
        else { return [] }
        let root = service.path == "." ? "" : "\(service.path)/"
        let folder = migrations.folder == "." ? root : "\(root)\(migrations.folder)/"
        let paths =
            if let present {
                try await ports.sources.changedPaths(from: present, to: commit, of: project)
            } else {
                try await ports.sources.paths(at: commit, of: project)
            }
        return
            paths.filter { path in
                guard path.hasPrefix(folder) else { return false }
                switch migrations.tool {
                case .alembic: return path.contains("/versions/") && path.hasSuffix(".py")
                case .sql: return path.hasSuffix(".sql")
                }
            }
            .map { path in
                PendingMigration(
                    revision: path.split(separator: "/").last.map(String.init) ?? path,
                    title: "",
                )
            }
    }
}
