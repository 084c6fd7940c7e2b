// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import Logging
import ServiceLifecycle

/// Looks again and again whether a backup is due by its schedule.
///
/// One environment after another: backups shall not compete with each other for the machine. What fails is in the log, and
/// keeps nothing else from its turn.
struct BackupRounds: Service {
    let backups: Backups
    let restores: Restores
    let pointInTime: PointInTime
    let policies: BackupPolicies
    let time: any TimeSource
    let logger: Logger

    private static let pause: Duration = .seconds(30)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while true {
                try await time.sleep(for: Self.pause)
                do {
                    for key in try await policies.environments() { try await look(at: key) }
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    logger.error(
                        "it could not be found out which backups are due",
                        metadata: ["failure": "\(error)"],
                    )
                }
            }
        }
    }

    private func look(at key: EnvironmentKey) async throws {
        do {
            // A deployment that is under way shall not wait for it.
            guard let policy = try await policies.policy(of: key), try await !policies.isBusy(key) else {
                return
            }
            await tidy(key, policy)
            let wanted = await wantedBases(policy)
            let (made, removed) = try await backups.makeScheduled(of: key, by: policy, wanted: wanted) {
                try await policies.inUse(in: key)
            }
            guard !made.isEmpty else { return }
            logger.info(
                "scheduled backups were made and proven",
                metadata: [
                    "environment": "\(key)", "made": "\(made.map(\.rawValue).joined(separator: ", "))",
                    "removed": "\(removed.map(\.rawValue).joined(separator: ", "))",
                ],
            )
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            logger.error(
                "backups need attention",
                metadata: ["environment": "\(key)", "failure": "\(error)"],
            )
        }
    }

    /// Servers whose log has no base backup to begin with; what can't be found out of one keeps no backup from being made.
    private func wantedBases(_ policy: BackupPolicy) async -> Set<DatabaseTarget> {
        var wanted: Set<DatabaseTarget> = []
        for database in policy.archived {
            do {
                guard try await pointInTime.needsBase(database) else { continue }
                wanted.insert(.cluster(of: database))
            } catch {
                logger.error(
                    "it could not be found out whether a log has a base backup",
                    metadata: ["database": "\(database)", "failure": "\(error)"],
                )
            }
        }
        return wanted
    }

    /// Drops databases that restores have left; what can't be dropped keeps no backup from being made.
    private func tidy(_ key: EnvironmentKey, _ policy: BackupPolicy) async {
        for database in policy.databases {
            do {
                let dropped = try await restores.tidy(beside: database) { order, isKept in
                    try await policies.needs(order, isKept: isKept, for: policy.keepsOld) {
                        try await backups.confirmedTime(in: key)
                    }
                }
                guard !dropped.isEmpty else { continue }
                logger.info(
                    "databases that restores have left were dropped",
                    metadata: ["environment": "\(key)", "which": "\(dropped.joined(separator: ", "))"],
                )
            } catch {
                logger.error(
                    "a database that a restore has left can't be dropped",
                    metadata: ["environment": "\(key)", "failure": "\(error)"],
                )
            }
        }
    }
}
