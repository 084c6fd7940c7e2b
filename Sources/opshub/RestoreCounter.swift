// SPDX-License-Identifier: Apache-2.0
import API
import Core
import DataSafety
import Delivery
import FoundationEssentials
import Manifest
import Server

/// Restores as people ask for them.
struct RestoreCounter: RestoreDesk {
    let backups: Backups
    let restores: Restores
    let records: any DeliveryRecords

    func outlook(_ order: RestoreOrder, in environment: EnvironmentKey) async throws -> RestoreView {
        let (release, settings) = try await serving(environment)
        let source = try await source(order, release)
        let then = try await servedAt(source.asOf, in: environment)
        var view = RestoreView(
            source: source.description,
            backup: nil,
            proof: "kept as it was",
            database: source.target.description,
            asOf: source.asOf,
            now: .now,
            lost: nil,
            schemaDifferences: nil,
            servedThen: then == release.id ? nil : then?.rawValue,
            serving: release.id.rawValue,
            keepsOld: settings.backup.keepsOld.inSeconds,
        )
        guard case .backup(let backup) = source.kind else { return view }
        // What served in another environment says nothing of this one.
        if backup.database.environment != environment { view.servedThen = nil }
        view.backup = backup.id.rawValue
        let outlook = try await restores.outlook(of: backup.id, in: source.target)
        view.proof =
            backup.drill.map { "verified: \($0.inWords(of: backup.database))" }
            ?? "\(backup.state.name), not verified; it is compared before anything changes"
        view.schemaDifferences = outlook.schemaDifferences
        view.lost = outlook.writes?
            .map { table, writes in
                RestoreView.Lost(
                    table: table,
                    inserted: writes.inserted,
                    updated: writes.updated,
                    deleted: writes.deleted,
                )
            }
            .sorted {
                ($1.inserted + $1.updated + $1.deleted, $0.table) < (
                    $0.inserted + $0.updated + $0.deleted, $1.table,
                )
            }
        return view
    }

    func restoration(_ order: RestoreOrder, in environment: EnvironmentKey) async throws -> Restoration {
        let (release, _) = try await serving(environment)
        let source = try await source(order, release)
        let kind: Restoration.Source =
            switch source.kind {
            case .backup(let backup): .backup(backup.id.rawValue)
            case .kept(let deployment, let order): .kept(by: deployment, as: order)
            }
        return Restoration(
            source: kind,
            accessory: source.target.accessory,
            asOf: source.asOf,
            masking: order.masking,
        )
    }

    func restore(
        _ order: TableRestoreOrder,
        in environment: EnvironmentKey,
    ) async throws -> RestoredTableView {
        let (release, _) = try await serving(environment)
        let source = try await source(RestoreOrder(backup: order.backup), release)
        guard case .backup(let backup) = source.kind else {
            throw Failure(.invalid, "a table comes back from a backup alone")
        }
        let made = try await restores.restore(
            table: order.table,
            of: backup.id,
            into: source.target,
            as: order.name,
        )
        return RestoredTableView(
            backup: backup.id.rawValue,
            asOf: backup.asOf,
            database: source.target.description,
            source: made.source,
            table: made.made,
            columns: made.columns,
            rows: made.rows,
        )
    }

    // MARK: What is meant

    private struct Source {
        enum Kind {
            case backup(Backup)
            case kept(DeploymentID, String)
        }

        var kind: Kind
        var target: DatabaseTarget
        var asOf: Date

        var description: String {
            switch kind {
            case .backup(let backup): "backup \(backup.id) of \(backup.database)"
            case .kept(let deployment, _): "the database that \(deployment) has replaced"
            }
        }
    }

    private func source(_ order: RestoreOrder, _ release: Release) async throws -> Source {
        if let undo = order.undo {
            guard order.backup == nil, order.masking == nil else {
                throw Failure(.invalid, "what is taken back is neither a backup nor masked")
            }
            return try await kept(by: DeploymentID(undo), release)
        }
        let backup: Backup
        if let id = order.backup {
            backup = try await backups.backup(BackupID(id))
        } else {
            backup = try await newest(of: release)
        }
        guard backup.database.environment.project == release.environment.project else {
            throw Failure(
                .conflict,
                "backup \(backup.id) is of \(backup.database.environment), which is another project than \(release.environment)",
            )
        }
        return Source(
            kind: .backup(backup),
            target: try target(backup.database.accessory, release),
            asOf: backup.asOf,
        )
    }

    /// The newest verified backup of what a release keeps its data in.
    ///
    /// Throws `invalid` when there are backups of several: nobody shall get back another one than they thought of.
    private func newest(of release: Release) async throws -> Backup {
        let name = release.environment.environment
        let verified = try await backups.list(release.environment).filter(\.isVerified)
        let newest = release.manifest.accessories.compactMap { accessory in
            guard let target = DatabaseTarget(release.environment, accessory) else { return Backup?.none }
            let own = verified.filter { $0.database == target }
            // What was made while the clock was ahead is not the newest because of that.
            let past = own.filter { $0.asOf <= .now }
            return (past.isEmpty ? own : past).max { $0.asOf < $1.asOf }
        }
        guard let first = newest.first else {
            throw Failure(
                .notFound,
                "no verified backup of \(release.environment) is there",
                hint: "see what there is: opshub backup list -e \(name)",
            )
        }
        guard newest.count == 1 else {
            let all = newest.map { "\($0.id) of \($0.database.accessory)" }.joined(separator: ", ")
            throw Failure(
                .invalid,
                "\(release.environment) keeps its data in \(newest.count) places, and the newest verified backups are \(all)",
                hint: "say which: opshub backup restore BACKUP -e \(name)",
            )
        }
        return first
    }

    private func kept(by id: DeploymentID, _ release: Release) async throws -> Source {
        guard let deployment = try await records.deployment(id),
            deployment.environment == release.environment,
            let restoration = deployment.restoration, let end = deployment.concludedAt
        else {
            throw Failure(
                .notFound,
                "\(id) is no restore of \(release.environment) that is over",
                hint: "see opshub status",
            )
        }
        let target = try target(restoration.accessory, release)
        guard try await restores.kept(beside: target).contains(restoration.order) else {
            throw Failure(
                .notFound,
                "the database that \(id) has replaced is kept no more",
                hint: "its last backup may be: opshub backup list -e \(release.environment.environment)",
            )
        }
        return Source(kind: .kept(id, restoration.order), target: target, asOf: end)
    }

    private func target(_ accessory: AccessoryName, _ release: Release) throws(Failure) -> DatabaseTarget {
        let accessories = release.manifest.accessories
        guard let found = accessories.first(where: { $0.name == accessory }) else {
            throw Failure(
                .notFound,
                "\(release.environment) has no accessory \(accessory)",
                hint: "it has \(accessories.map(\.name.rawValue).joined(separator: ", "))",
            )
        }
        return try DatabaseTarget.named(release.environment, found)
    }

    private func serving(_ key: EnvironmentKey) async throws -> (Release, EnvironmentManifest) {
        guard let serving = try await records.environment(key)?.serving,
            let release = try await records.release(serving.release),
            let settings = release.manifest.environment(key.environment)
        else {
            throw Failure(
                .conflict,
                "nothing serves \(key), so there is no database to restore into",
                hint: "deploy it first: opshub deploy -e \(key.environment)",
            )
        }
        return (release, settings)
    }

    /// The release that served at a moment; nil when none did.
    private func servedAt(_ moment: Date, in key: EnvironmentKey) async throws -> ReleaseID? {
        try await records.deployments(of: key, limit: 500)
            .first { deployment in
                deployment.phase.verdict?.outcome == .succeeded && deployment.kind != .restore
                    && deployment.concludedAt.map { $0 <= moment } == true
            }?
            .release
    }
}
