// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Manifest

extension DeliveryEngine {
    /// Whether an environment can be rolled back now, how, and why; changes nothing.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - release: The release to return to; the one that served before the present one when nil.
    /// - Returns: The answer.
    /// - Throws: `conflict` when nothing serves, or the release serves already; `not-found` when there is no such release.
    public func canRollBack(_ key: EnvironmentKey, to release: ReleaseID?) async throws -> RollbackAnswer {
        let (target, record) = try await rollbackTarget(key, release)
        return try await answer(for: target, record)
    }

    func answer(for target: Release, _ record: EnvironmentRecord) async throws -> RollbackAnswer {
        let history = try await ports.records.deployments(of: record.key, limit: 500)
        let since = SchemaHistory(history, since: target.id)
        var answer = try await answerOfCode(target, record)
        answer.migrations = since.migrations
        answer.reasons += since.sentences(about: target.id)
        if since.lostBy != nil {
            // Its own migrations are pending again, and only a deployment applies them.
            answer.way = .rebuild
            return answer
        }
        guard let first = since.unproven.first else { return answer }
        let hasWayDown = try await hasWayDown(since.migrations, target, record)
        answer.way = hasWayDown ? .downMigration : .restore
        answer.backup = first.backups.first?.id
        answer.losesSince = first.begunAt
        answer.reasons.append(
            hasWayDown
                ? "every one of them says how it is taken back"
                : "not every one of them says how it is taken back"
        )
        if answer.backup == nil { answer.reasons.append("no backup was made before them") }
        return answer
    }

    /// As if there were no database.
    private func answerOfCode(_ target: Release, _ record: EnvironmentRecord) async throws -> RollbackAnswer {
        let serving = record.serving?.release ?? target.id
        let name = target.id
        if let warm = record.warm, warm.release == name, try await isWhole(warm, target),
            try await !ports.records.wasRestored(record.key, since: warm.since)
        {
            return RollbackAnswer(
                way: .instant,
                release: name,
                serving: serving,
                until: record.warmUntil,
                reasons: ["\(name) still runs in \(warm.slot), without traffic"],
            )
        }
        guard target.builtAt != nil else {
            return RollbackAnswer(
                way: .rebuild,
                release: name,
                serving: serving,
                reasons: ["\(name) was never built to its end"],
            )
        }
        return RollbackAnswer(
            way: .restart,
            release: name,
            serving: serving,
            reasons: ["\(name) runs no more, and its build is kept"],
        )
    }

    /// Whether all of a warm release still runs: a retirement that failed half-way has left less.
    private func isWhole(_ warm: Placement, _ release: Release) async throws -> Bool {
        guard let environment = release.manifest.environment(release.environment.environment) else {
            return false
        }
        let running = try await ports.services.instances(of: release.environment)
            .filter { $0.id.slot == warm.slot && $0.release == release.id && $0.state != .stopped }
        let wanted = release.manifest.services.reduce(0) { count, service in
            count + (environment.replicas[service.name.rawValue] ?? service.replicas)
        }
        return running.count == wanted
    }

    /// Whether the files of every migration, in the commit that serves, say how it is undone.
    private func hasWayDown(
        _ migrations: [PendingMigration],
        _ target: Release,
        _ record: EnvironmentRecord,
    ) async throws -> Bool {
        guard let serving = record.serving, let release = try await ports.records.release(serving.release),
            let tool = release.manifest.migrations?.tool
        else { return false }
        let (commit, project) = (release.commit.id, release.environment.project)
        let paths = release.manifest.migrationPaths(
            among: try await ports.sources.paths(at: commit, of: project)
        )
        for migration in migrations {
            // `NNNN_name.down.sql` beside numbered files, `down.sql` in a folder of Prisma's.
            let hasWayDown =
                tool.isPlainSQL
                ? paths.contains { $0.contains(migration.revision) && $0.hasSuffix("down.sql") }
                : try await hasWayDown(migration, paths, at: commit, of: project)
            guard hasWayDown else { return false }
        }
        return true
    }

    /// Whether the file of one of Alembic's, wherever it is called after, does something in its `downgrade`.
    private func hasWayDown(
        _ migration: PendingMigration,
        _ paths: [String],
        at commit: CommitID,
        of project: ProjectName,
    ) async throws -> Bool {
        let likely = paths.filter { $0.contains(migration.revision) }
        for path in likely + paths.filter({ !likely.contains($0) }) {
            guard let bytes = try await ports.sources.file(path, at: commit, of: project) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            guard
                MigrationFile(path: path, text: text, tool: .alembic)?.migration.revision
                    == migration.revision
            else { continue }
            guard let down = text.firstRange(of: "def downgrade(") else { return false }
            let rest = text[down.upperBound...]
            return rest[..<(rest.firstRange(of: "\ndef ")?.lowerBound ?? rest.endIndex)].contains("op.")
        }
        return false
    }
}
