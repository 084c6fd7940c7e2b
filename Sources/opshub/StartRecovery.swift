// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import Logging
import Manifest

/// Puts backups in order before anything uses them, and removes what rehearsals of migrations have left: what is half-done was left by a control plane that ended.
struct StartRecovery {
    let backups: Backups
    let migrations: Migrations
    /// Names the recovery key of this home.
    let keyID: String
    let records: any DeliveryRecords
    let logger: Logger

    /// Says what it found; an environment that can't be put in order keeps no other from starting.
    func run() async throws {
        for environment in try await records.environments() {
            do {
                let databases = try await databases(of: environment)
                // First: whatever keeps a rehearsal's leftovers from going must not keep backups unknown.
                report(
                    try await backups.recover(environment.key, databases: databases),
                    environment.key,
                )
                try await reportOtherKeys(environment.key)
                for database in databases where database.kind == .postgres {
                    try await migrations.recover(database.accessory, of: environment.key)
                }
            } catch {
                logger.warning(
                    "backups and rehearsals could not be put in order; tried again at the next start",
                    metadata: ["environment": "\(environment.key)", "failure": "\(error)"],
                )
            }
        }
    }

    private func reportOtherKeys(_ key: EnvironmentKey) async throws {
        let others = try await backups.list(key)
            .filter { $0.content?.encoding.map { $0.key != keyID } ?? false }
        guard !others.isEmpty else { return }
        logger.error(
            "backups were encrypted with another recovery key, and can't be read without it",
            metadata: [
                "environment": "\(key)", "which": "\(others.map(\.id.rawValue).joined(separator: ", "))",
                "keys":
                    "\(Set(others.compactMap { $0.content?.encoding?.key }).sorted().joined(separator: ", "))",
            ],
        )
    }

    /// Those of every release that is there: databases belong to the environment, not to the release that serves.
    private func databases(of environment: EnvironmentRecord) async throws -> [DatabaseTarget] {
        let releases = try await records.releases(of: environment.key, limit: 20)
        return Set(
            releases.flatMap(\.manifest.accessories).compactMap { DatabaseTarget(environment.key, $0) }
        )
        .sorted()
    }

    private func report(_ recovery: BackupRecovery, _ key: EnvironmentKey) {
        let found: [(String, [String])] = [
            ("interrupted backups are marked as failed", recovery.interrupted.map(\.rawValue)),
            ("backups were found on disk that the catalogue did not know", recovery.adopted.map(\.rawValue)),
            ("backups are missing on disk", recovery.missing.map(\.rawValue)),
            ("servers of interrupted restore drills were removed", recovery.cleared.map(\.rawValue)),
            (
                "files among the backups are none of OpsHub's",
                recovery.oddities.map { "\($0.folder): \($0.problem)" },
            ),
        ]
        for (what, which) in found where !which.isEmpty {
            logger.warning(
                "\(what)",
                metadata: ["environment": "\(key)", "which": "\(which.joined(separator: ", "))"],
            )
        }
    }
}
