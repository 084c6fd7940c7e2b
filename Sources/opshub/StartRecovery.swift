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
    let records: any DeliveryRecords
    let logger: Logger

    /// Says what it found; an environment that can't be put in order keeps no other from starting.
    func run() async throws {
        for environment in try await records.environments() {
            do {
                let accessories = try await accessories(of: environment)
                for accessory in accessories {
                    try await migrations.recover(accessory, of: environment.key)
                }
                report(
                    try await backups.recover(environment.key, accessories: accessories),
                    environment.key,
                )
            } catch {
                logger.warning(
                    "backups and rehearsals could not be put in order; tried again at the next start",
                    metadata: ["environment": "\(environment.key)", "failure": "\(error)"],
                )
            }
        }
    }

    /// Those of every release that is there: databases belong to the environment, not to the release that serves.
    private func accessories(of environment: EnvironmentRecord) async throws -> [AccessoryName] {
        let releases = try await records.releases(of: environment.key, limit: 20)
        return Set(releases.flatMap { $0.manifest.accessories.map(\.name) })
            .sorted { $0.rawValue < $1.rawValue }
    }

    private func report(_ recovery: BackupRecovery, _ key: EnvironmentKey) {
        let found: [(String, [String])] = [
            ("interrupted backups are marked as failed", recovery.interrupted.map(\.rawValue)),
            ("backups were found on disk that the catalogue did not know", recovery.adopted.map(\.rawValue)),
            ("backups are missing on disk", recovery.missing.map(\.rawValue)),
            ("databases of interrupted drills were dropped", recovery.dropped),
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
