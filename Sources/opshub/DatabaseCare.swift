// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import DataSafety
import Delivery
import HostSystem
import Manifest

/// Gives deployments what the data-safety engine does: the two engines know nothing of each other.
struct DatabaseCare: DatabaseSafety {
    let backups: Backups
    let migrations: Migrations

    func pendingMigrations(_ target: MigrationTarget) async throws -> [Delivery.PendingMigration] {
        let (job, tool) = try job(target)
        return try await migrations.outlook(job, with: tool).pending
            .map { pending in
                Delivery.PendingMigration(revision: pending.id.rawValue, title: pending.title)
            }
    }

    func verdicts(
        _ target: MigrationTarget,
        on planned: [Delivery.PendingMigration],
        verifying: Bool,
    ) async throws -> [Delivery.MigrationVerdict] {
        let (job, tool) = try job(target)
        // A deployment does not wait for a dump on schedule; who only asks for a plan does.
        if !target.isPreview { await backups.giveWay(to: job.database) }
        let found = try await migrations.verdicts(job, with: tool)
        let verified = verifying ? try await verification(of: planned, job, tool) : [:]
        return planned.map { migration in
            let proof =
                verifying
                ? verified[migration.revision]
                    ?? [.init(.failsVerification, "its verification did not come to it")] : []
            guard let verdict = found.first(where: { $0.migration.id.rawValue == migration.revision }) else {
                return Delivery.MigrationVerdict(
                    revision: migration.revision,
                    findings: proof + [.init(.unknown, "its rehearsal did not come to it")],
                )
            }
            return Delivery.MigrationVerdict(
                revision: migration.revision,
                findings: verdict.findings.map { .init($0.hazard.known, $0.sentence, advice: $0.advice) }
                    + proof,
                remark: verdict.remark,
            )
        }
    }

    /// What taking each of these down and up again shows, by revision; that it can't be done speaks against each of them.
    private func verification(
        of planned: [Delivery.PendingMigration],
        _ job: MigrationJob,
        _ tool: MigrationsManifest.Tool,
    ) async throws -> [String: [Delivery.MigrationVerdict.Finding]] {
        let report: VerificationReport
        do {
            report = try await migrations.verify(
                job,
                with: tool,
                only: Set(planned.map { MigrationRevision($0.revision) }),
            )
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let reason = Failure.wrapping(error, doing: "verifying the migrations").message
            return Dictionary(
                planned.map {
                    ($0.revision, [.init(.failsVerification, "it could not be verified: \(reason)")])
                },
                uniquingKeysWith: { first, _ in first },
            )
        }
        var found: [String: [Delivery.MigrationVerdict.Finding]] = [:]
        for entry in report.entries {
            found[entry.migration.id.rawValue] = entry.findings.compactMap { finding in
                switch finding {
                case .irreversible: .init(.irreversible, finding.description)
                case .notTakenBack: .init(.failsVerification, finding.description)
                default: finding.isMistake ? .init(.failsVerification, finding.description) : nil
                }
            }
        }
        // What is not of one of them is said of the newest; one that was not come to stays unknown.
        if let newest = planned.last?.revision {
            found[newest]? += report.general.map { .init(.failsVerification, $0) }
            // An empty server knows nothing of what else is applied to the real one.
            let planned = planned.map { MigrationRevision($0.revision) }
            if let obstacle = try await migrations.obstacle(toReverting: planned, of: job, with: tool) {
                found[newest]?.append(.init(.irreversible, obstacle))
            }
        }
        return found
    }

    func migrate(
        _ target: MigrationTarget,
        _ planned: [Delivery.PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        let (job, tool) = try job(target)
        _ = try await migrations.apply(
            planned.map { MigrationRevision($0.revision) },
            of: job,
            with: tool,
            onLine: onLine,
        )
    }

    func backUp(
        _ accessory: AccessorySpecification,
        for deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt {
        try await backUp(accessory, because: .deployment(deployment.rawValue), since: requested)
    }

    func backUpBeforeReturn(
        _ accessory: AccessorySpecification,
        of deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt {
        try await backUp(accessory, because: .takingBack(deployment.rawValue), since: requested)
    }

    private func backUp(
        _ accessory: AccessorySpecification,
        because reason: BackupReason,
        since requested: Date,
    ) async throws -> BackupReceipt {
        let target = try Self.target(accessory)
        let existing = try await backups.existing(target, because: reason, since: requested)
        if let existing { return Self.receipt(existing) }
        return Self.receipt(try await backups.create(target, because: reason))
    }

    func drill(_ backup: BackupReceipt, of accessory: AccessorySpecification) async throws -> String {
        let proven = try await backups.drill(BackupID(backup.id))
        guard let report = proven.drill else {
            throw proven.failure ?? Failure(.backupFailed, "backup \(backup.id) was not proven")
        }
        return report.inWords(of: proven.database)
    }

    func job(_ target: MigrationTarget) throws(Failure) -> (MigrationJob, MigrationsManifest.Tool) {
        guard let migrations = target.release.manifest.migrations,
            let service = target.release.manifest.services.first(where: { $0.name == migrations.service })
        else { throw Failure(.unexpected, "release \(target.release.id) has no migrations") }
        let directory = service.path == "." ? target.folder : "\(target.folder)/\(service.path)"
        let migrationFolder = "\(directory)/\(migrations.folder)"
        guard !Folder.exists(migrationFolder) || Folder.contains(target.folder, migrationFolder) else {
            throw Failure(
                .migrationFailed,
                "\(migrations.folder) leads out of release \(target.release.id) through a link",
                hint: "commit the migrations themselves, not a link to them",
            )
        }
        // What is changed is what was backed up, whatever the service's own variables say (Invariant 4).
        var variables = target.variables
        variables["DATABASE_URL"] = target.database.url
        let job = MigrationJob(
            database: DatabaseTarget(
                target.release.environment,
                migrations.accessory,
                target.database.database,
            ),
            service: directory,
            at: service.path,
            folder: migrations.folder,
            variables: variables,
            timeout: migrations.timeout,
            serving: target.outgoing?.rawValue,
            servingSince: target.outgoingSince?.rawValue,
        )
        return (job, migrations.tool)
    }

    static func target(_ accessory: AccessorySpecification) throws(Failure) -> DatabaseTarget {
        try DatabaseTarget.named(accessory.environment, accessory.manifest)
    }

    private static func receipt(_ backup: Backup) -> BackupReceipt {
        BackupReceipt(
            id: backup.id.rawValue,
            accessory: backup.database.accessory,
            size: backup.content?.seal.size ?? ByteCount(0),
        )
    }
}

extension DataSafety.MigrationVerdict.Hazard {
    /// The same, as deployments know it.
    fileprivate var known: Delivery.MigrationVerdict.Hazard {
        switch self {
        case .unknown: .unknown
        case .mayFail: .mayFail
        case .breaksQueries: .breaksQueries
        case .breaksCode: .breaksCode
        case .breaksRelease: .breaksRelease
        case .losesData: .losesData
        case .blocksReads: .blocksReads
        case .blocksWrites: .blocksWrites
        }
    }
}

extension DrillReport {
    /// One sentence for people.
    func inWords(of database: DatabaseTarget) -> String {
        let counted =
            countedOnly.isEmpty || database.kind != .postgres
            ? "" : ", \(countedOnly.count) large ones by row count only"
        return
            "\(database.isTheSame(tables: tables, rows: rows))\(counted) (\(took.briefly))"
    }
}
