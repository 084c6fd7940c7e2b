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
                    try await round(&told)
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

    /// All servers at once: one that does not answer keeps no other from its turn.
    private func round(_ told: inout [DatabaseTarget: String]) async throws {
        let keys = try await policies.environments()
        let outcomes = await withTaskGroup { group in
            for key in keys {
                group.addTask(name: "archives of \(key)") { await look(at: key) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        try Task.checkCancellation()
        for (database, outcome) in outcomes { report(database, outcome, &told) }
    }

    private func look(at key: EnvironmentKey) async -> [(DatabaseTarget, Result<LogRound, any Error>)] {
        var outcomes: [(DatabaseTarget, Result<LogRound, any Error>)] = []
        do {
            guard let archives = try await policies.archives(of: key) else { return [] }
            for database in archives.all {
                let isKept = archives.kept.contains(database)
                let outcome = await Self.outcome {
                    isKept
                        ? try await pointInTime.tend(database)
                        : try await pointInTime.retire(database, keeping: archives.window)
                }
                outcomes.append((database, outcome))
            }
        } catch  where !Task.isCancelled {
            logger.error(
                "it could not be found out which logs are archived",
                metadata: ["environment": "\(key)", "failure": "\(error)"],
            )
        } catch {
            // The control plane ends.
        }
        return outcomes
    }

    private static func outcome(
        _ body: () async throws -> LogRound
    ) async -> Result<LogRound, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func report(
        _ database: DatabaseTarget,
        _ outcome: Result<LogRound, any Error>,
        _ told: inout [DatabaseTarget: String],
    ) {
        switch outcome {
        case .success(let round):
            if told.removeValue(forKey: database) != nil {
                logger.info("a log is archived again", metadata: ["database": "\(database)"])
            }
            guard let torn = round.torn else { return }
            logger.error(
                "a part of a log is lost; a new base backup is made",
                metadata: ["database": "\(database)", "reason": "\(torn)"],
            )
        case .failure(let error):
            guard told.updateValue("\(error)", forKey: database) != "\(error)" else { return }
            logger.error(
                "a log is not archived",
                metadata: ["database": "\(database)", "failure": "\(error)"],
            )
        }
    }
}
