// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import API
import Core
import DataSafety
import Delivery
import Manifest
import Server
import Vault

/// Backups as people ask for them.
struct BackupCounter: BackupDesk {
    let backups: Backups
    let pointInTime: PointInTime
    let records: any DeliveryRecords
    let policies: BackupPolicies
    let stores: ObjectStoreRegister
    let keyFile: RecoveryKeyFile
    let key: RecoveryKey

    func backups(of environment: EnvironmentKey) async throws -> [BackupView] {
        try await backups.list(environment).map(shown)
    }

    func underWay(in environment: EnvironmentKey) async throws -> [ProgressView] {
        try await backups.underWay(in: environment).map { Self.view($0.progress, of: $0.backup) }
    }

    func backup(_ id: String) async throws -> BackupDetailView {
        let backup = try await backups.backup(BackupID(id))
        var view = BackupDetailView(
            backup: shown(backup),
            kind: backup.database.kind.rawValue,
            provenAt: backup.drill?.at,
        )
        view.restoreTook = backup.drill?.took.inSeconds
        guard let content = backup.content else { return view }
        view.writtenAt = content.writtenAt
        view.server = content.server.version
        view.tool = content.tool
        view.dumped = (content.encoding?.plain.size ?? content.seal.size).bytes
        view.databaseSize = content.databaseSize.bytes
        view.key = content.encoding?.key
        view.tables = content.fingerprint.tables.sorted { $0.key < $1.key }
            .map { BackupDetailView.Table(name: $0.key, rows: $0.value.rows) }
        view.definitions = content.fingerprint.definitions.count
        view.extensions = content.fingerprint.extensions
        view.remarks = content.remarks ?? []
        view.roles = content.roles
        return view
    }

    func create(
        _ environment: EnvironmentKey,
        _ order: BackupOrder,
        by person: String,
    ) async throws -> [BackupView] {
        if let moment = order.asOf {
            return [try await create(environment, asOf: moment, order, by: person)]
        }
        guard let serving = try await records.environment(environment)?.serving,
            let release = try await records.release(serving.release)
        else { throw Failure(.conflict, "nothing serves \(environment), so there is nothing to back up") }
        guard !release.manifest.accessories.isEmpty else {
            throw Failure(
                .conflict,
                "\(environment) has no database and no folder",
                hint: "see accessories in opshub.yml",
            )
        }
        let accessories = release.manifest.accessories
            // Without a name: everything whose data can be copied.
            .filter { accessory in
                order.accessory.map { $0 == accessory.name.rawValue } ?? accessory.isCopied
            }
        guard !accessories.isEmpty else {
            throw Failure(.notFound, "\(environment) has no accessory \(order.accessory ?? "")")
        }
        var proven: [Backup] = []
        for accessory in accessories {
            let target = try DatabaseTarget.named(environment, accessory)
            let written = try await backups.create(target, because: .command(by: person))
            proven.append(try Self.proven(try await backups.drill(written.id)))
        }
        guard let place = try await policies.policy(of: environment)?.offsite else {
            return proven.map(Self.view)
        }
        var views: [BackupView] = []
        for backup in proven { views.append(Self.view(try await copy(backup.id, to: place))) }
        return views
    }

    /// Waits while the copy is being made already.
    private func copy(_ id: BackupID, to place: StoreName) async throws -> Backup {
        while true {
            do {
                return try await backups.copyOffsite(id, to: place)
            } catch let failure as Failure where failure.code == .conflict && failure.isRetryable {
                try await SystemTime().sleep(for: .seconds(1))
            } catch var failure as Failure {
                failure.message = "backup \(id) is verified here, but not off-site: \(failure.message)"
                throw failure
            }
        }
    }

    func verify(_ id: String) async throws -> BackupView {
        Self.view(try Self.proven(try await backups.verify(BackupID(id))))
    }

    func verifyOffsite(_ id: String) async throws -> BackupView {
        Self.view(try await backups.verifyOffsite(BackupID(id)))
    }

    func fetch(
        _ id: String,
        of environment: EnvironmentKey,
        from store: StoreName,
    ) async throws -> BackupView {
        Self.view(try await backups.fetch(BackupID(id), of: environment, from: store))
    }

    func problems(of environment: EnvironmentKey) async throws -> [String] {
        try await offsiteProblems(of: environment) + archiveProblems(of: environment)
    }

    private func offsiteProblems(of environment: EnvironmentKey) async throws -> [String] {
        guard let place = try await policies.policy(of: environment)?.offsite else { return [] }
        guard try stores.store(place) != nil else {
            return [
                "backups go nowhere else: opshub.yml names store \(place), which there is not (opshub store add \(place))"
            ]
        }
        let waiting = try await backups.list(environment)
            .filter { $0.belongsOffsite && ($0.offsite?.store != place || $0.offsite?.isCopied != true) }
        guard let newest = waiting.first, let failure = waiting.lazy.compactMap(\.offsite?.failure).first
        else {
            return []
        }
        let others = waiting.count > 1 ? " and \(waiting.count - 1) more" : ""
        let hint = failure.hint.map { " (\($0))" } ?? ""
        return ["backup \(newest.id)\(others) not off-site: \(failure.message)\(hint)"]
    }

    func prune(_ environment: EnvironmentKey, onlyAsked: Bool) async throws -> [BackupVerdictView] {
        guard let policy = try await policies.policy(of: environment) else {
            throw Failure(
                .conflict,
                "nothing with a database or a folder serves \(environment), so there is no policy for its backups",
            )
        }
        let inUse = try await policies.inUse(in: environment)
        let verdicts =
            onlyAsked
            ? try await backups.verdicts(of: environment, by: policy.retention, inUse: inUse)
            : try await backups.prune(environment, by: policy.retention, inUse: inUse)
        return verdicts.map { verdict in
            BackupVerdictView(
                backup: Self.view(verdict.backup),
                goes: !verdict.isKept,
                reasons: verdict.reasons.map(\.description),
            )
        }
    }

    func recoveryKey() async throws -> RecoveryKeyView {
        RecoveryKeyView(id: key.id, isExported: try keyFile.isExported(key))
    }

    func exportKey() async throws -> RecoveryKeyView {
        try keyFile.noteExport(of: key)
        return RecoveryKeyView(id: key.id, isExported: true, key: key.text.revealed())
    }

    /// A proof that failed is an error for whoever asked for it; what is known of the backup stays in the list.
    static func proven(_ backup: Backup) throws(Failure) -> Backup {
        if let failure = backup.failure { throw failure }
        return backup
    }

    /// A backup with what is being done with it.
    private func shown(_ backup: Backup) -> BackupView {
        var view = Self.view(backup)
        view.progress = backups.progress(of: backup.id).map { Self.view($0, of: backup.id) }
        return view
    }

    private static func view(_ progress: BackupProgress, of id: BackupID) -> ProgressView {
        ProgressView(
            of: "backup \(id)",
            stage: progress.stage.rawValue,
            seconds: max(0, SystemTime().now.timeIntervalSince(progress.since)),
            done: progress.done.bytes,
            total: progress.total?.bytes,
        )
    }

    static func view(_ backup: Backup) -> BackupView {
        BackupView(
            id: backup.id.rawValue,
            state: backup.state.name,
            database: backup.database.description,
            reason: backup.reason.description,
            startedAt: backup.startedAt,
            size: backup.content?.seal.size.bytes,
            sha256: backup.content?.seal.sha256,
            proof: backup.drill?.inWords(of: backup.database) ?? backup.failure?.message,
            offsite: backup.offsite.map { offsite in
                BackupView.Offsite(
                    store: offsite.store.rawValue,
                    state: offsite.name,
                    copiedAt: offsite.copiedAt,
                    provenAt: offsite.drill?.at,
                    problem: offsite.failure?.message,
                )
            },
        )
    }
}
