// SPDX-License-Identifier: Apache-2.0
public import Core
import Manifest

extension DeliveryEngine {
    /// What would be taken back so that the schema is at these revisions, and what speaks against it; changes nothing.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - revisions: Revisions that stay, each with everything that it follows; none for an empty schema.
    /// - Returns: The migrations, the first to go first; one sentence for each objection, as an empty server has shown it; and one for
    ///   each table or column that goes with what is in it.
    /// - Throws: `conflict` when nothing serves; what ``DatabaseSafety/wayBack(_:to:)`` throws.
    public func wayBack(
        _ key: EnvironmentKey,
        to revisions: [String],
    ) async throws -> (migrations: [PendingMigration], objections: [String], losses: [String]) {
        let target = try await migrationTarget(key, release: nil)
        let migrations = try await ports.database.wayBack(target, to: revisions)
        guard !migrations.isEmpty else { return ([], [], []) }
        let (objections, losses) = try await proof(target, migrations)
        return (migrations, objections, losses)
    }

    /// Takes migrations back under the release that serves, which goes on serving.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - revisions: See ``wayBack(_:to:)``.
    ///   - isForced: Whether objections are overheard.
    ///   - requester: Who asks.
    /// - Returns: The deployment, queued.
    /// - Throws: `conflict` with every objection, when the schema is there already, or when a deployment is under way. Nothing has
    ///   changed then.
    public func takeSchemaBack(
        _ key: EnvironmentKey,
        to revisions: [String],
        isForced: Bool,
        requester: Requester,
    ) async throws -> Deployment {
        try await refuseWhileBusy(key)
        let (migrations, objections, _) = try await wayBack(key, to: revisions)
        guard isForced || objections.isEmpty else { throw Failure.objected(objections, key) }
        return try await changeSchema(key, .down, migrations, requester)
    }

    /// Applies what the release that serves has and its database has not, after it was taken back or its deployment had failed.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - requester: Who asks.
    /// - Returns: The deployment, queued.
    /// - Throws: `conflict` when nothing is pending or a deployment is under way; `gate-failed` when `refuse_migrations` does not let
    ///   them through. Nothing has changed then.
    public func bringSchema(_ key: EnvironmentKey, requester: Requester) async throws -> Deployment {
        try await refuseWhileBusy(key)
        let target = try await migrationTarget(key, release: nil)
        let pending = try await ports.database.pendingMigrations(target)
        if !pending.isEmpty, let environment = target.release.manifest.environment(key.environment) {
            let verdicts = try await ports.database.verdicts(
                target,
                on: pending,
                verifying: environment.verifiesMigrations,
            )
            let refusals = verdicts.refusals(in: environment)
            guard refusals.isEmpty else {
                throw Failure(
                    .gateFailed,
                    "\(refusals[0]), and environments.\(key.environment).refuse_migrations does not let that through",
                    evidence: refusals,
                )
            }
        }
        return try await changeSchema(key, .up, pending, requester)
    }

    /// What a rollback takes back with the release.
    func schemaChange(
        for answer: RollbackAnswer,
        _ key: EnvironmentKey,
        isForced: Bool,
    ) async throws -> SchemaChange {
        guard answer.way == .downMigration else {
            throw Failure(
                .conflict,
                answer.leavesDataAlone
                    ? "\(answer.release) works with the schema as it is, so none of it is taken back"
                    : "not every migration since \(answer.release) says how it is taken back",
                hint: answer.leavesDataAlone
                    ? "opshub rollback -e \(key.environment) --to \(answer.release)"
                    : "see what it takes: opshub rollback -e \(key.environment) --to \(answer.release) --dry-run",
            )
        }
        let target = try await migrationTarget(key, release: nil)
        // An attempt that failed and the next one may both have noted the same.
        let migrations = answer.migrations.reversed()
            .reduce(into: [PendingMigration]()) { unique, migration in
                if !unique.contains(where: { $0.revision == migration.revision }) { unique.append(migration) }
            }
        let (objections, _) = try await proof(target, migrations)
        guard isForced || objections.isEmpty else { throw Failure.objected(objections, key) }
        return SchemaChange(.down, migrations, of: try accessory(of: target), serving: target.release.id)
    }

    /// What can't be tried is an objection, which a person may overhear.
    private func proof(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
    ) async throws -> (objections: [String], losses: [String]) {
        do {
            return try await ports.database.proof(target, ofReverting: migrations)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let reason = Failure.wrapping(error, doing: "trying it").message
            return (["whether they go back could not be found out: \(reason)"], [])
        }
    }

    private func changeSchema(
        _ key: EnvironmentKey,
        _ direction: SchemaChange.Direction,
        _ migrations: [PendingMigration],
        _ requester: Requester,
    ) async throws -> Deployment {
        guard !migrations.isEmpty else {
            throw Failure(
                .conflict,
                direction == .up
                    ? "nothing is pending for the release that serves \(key)"
                    : "the schema of \(key) is there already: nothing was applied since",
                hint: "opshub migrate status -e \(key.environment)",
            )
        }
        let target = try await migrationTarget(key, release: nil)
        let change = SchemaChange(
            direction,
            migrations,
            of: try accessory(of: target),
            serving: target.release.id,
        )
        // It took its time to find all of that out.
        try await refuseWhileBusy(key)
        return try await request(.schema, of: target.release, in: key, schema: change, requester)
    }

    private func accessory(of target: MigrationTarget) throws(Failure) -> AccessoryName {
        guard let migrations = target.release.manifest.migrations else {
            throw Failure(.notFound, "\(target.release.id) has no migrations")
        }
        return migrations.accessory
    }

    private func refuseWhileBusy(_ key: EnvironmentKey) async throws {
        guard
            let busy = try await ports.records.unfinishedDeployments().first(where: { $0.environment == key })
        else { return }
        throw Failure(
            .conflict,
            "\(busy.id) is under way in \(key), and a change of the schema comes between no two of its steps",
            hint: "wait for it (opshub events \(busy.id) --follow), or cancel it: opshub cancel \(busy.id)",
        )
    }
}

extension Failure {
    fileprivate static func objected(_ objections: [String], _ key: EnvironmentKey) -> Failure {
        Failure(
            .conflict,
            "the migrations do not go back wholly: \(objections[0])",
            hint:
                "mend the way down in a release, restore the backup from before (opshub migrate history -e \(key.environment) names it), or --force",
            evidence: objections.count > 1 ? objections : [],
        )
    }
}
