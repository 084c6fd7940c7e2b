// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import Logging
import ServiceLifecycle

/// Looks after archives of servers' logs, again and again and whatever else is done: until the last round any moment can be gone back to.
struct ArchiveRounds: Service {
    let pointInTime: PointInTime
    let policies: BackupPolicies
    let time: any TimeSource
    let logger: Logger

    private static let pause: Duration = .seconds(10)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            // What is wrong is said once, and not every ten seconds.
            var told: [DatabaseTarget: String] = [:]
            while true {
                try await time.sleep(for: Self.pause)
                do {
                    for key in try await policies.environments() { try await look(at: key, &told) }
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    logger.error(
                        "it could not be found out which logs are archived",
                        metadata: ["failure": "\(error)"],
                    )
                }
            }
        }
    }

    private func look(at key: EnvironmentKey, _ told: inout [DatabaseTarget: String]) async throws {
        guard let policy = try await policies.policy(of: key) else { return }
        for database in policy.databases where database.kind == .postgres {
            do {
                let round =
                    policy.archived.contains(database)
                    ? try await pointInTime.tend(database)
                    : try await pointInTime.retire(database, keeping: policy.retention.window)
                if told.removeValue(forKey: database) != nil {
                    logger.info("a log is archived again", metadata: ["database": "\(database)"])
                }
                guard let torn = round.torn else { continue }
                logger.error(
                    "a part of a log is lost; a new base backup is made",
                    metadata: ["database": "\(database)", "reason": "\(torn)"],
                )
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                guard told.updateValue("\(error)", forKey: database) != "\(error)" else { continue }
                logger.error(
                    "a log is not archived",
                    metadata: ["database": "\(database)", "failure": "\(error)"],
                )
            }
        }
    }
}
