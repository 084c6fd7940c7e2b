// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Core
import DataSafety
import Delivery
import Logging
import Manifest
import ServiceLifecycle

/// Has the queries of each release that serves recorded from the moment on when it alone serves, whatever else is done.
struct QueryRounds: Service {
    let recorder: any QueryRecorder
    let records: any DeliveryRecords
    let time: any TimeSource
    let logger: Logger

    private static let pause: Duration = .seconds(20)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            // What is wrong is said once, and not every time.
            var told: [EnvironmentKey: String] = [:]
            while true {
                try await time.sleep(for: Self.pause)
                do {
                    for record in try await records.environments() {
                        await look(at: record, &told)
                        try Task.checkCancellation()
                    }
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    logger.error("it could not be found out what serves", metadata: ["failure": "\(error)"])
                }
            }
        }
    }

    /// Begins a record where a release has begun to serve, and the one before has ended its last requests.
    func look(at record: EnvironmentRecord, _ told: inout [EnvironmentKey: String]) async {
        let reason: String?
        do {
            // A release that is still warm runs, and may ask.
            guard record.warm == nil, let serving = record.serving,
                let release = try await records.release(serving.release),
                let migrations = release.manifest.migrations,
                let environment = release.manifest.environment(record.key.environment),
                let accessory = release.manifest.accessories.first(where: { $0.name == migrations.accessory }
                ),
                serving.since.addingTimeInterval(environment.drainTimeout.inSeconds) < time.now,
                let mark = try await records.lastDisturbance(of: record.key),
                try await !records.unfinishedDeployments()
                    .contains(where: { $0.environment == record.key && $0.phase != .queued })
            else { return }
            reason = try await recorder.begin(
                release.id.rawValue,
                since: mark.rawValue,
                of: try DatabaseTarget.named(record.key, accessory),
            )
        } catch {
            reason = "\(error)"
        }
        guard told[record.key] != reason else { return }
        told[record.key] = reason
        guard let reason, !Task.isCancelled else { return }
        logger.notice(
            "what serves is not known by its queries, so that any change of the schema may break it",
            metadata: ["environment": "\(record.key)", "reason": "\(reason)"],
        )
    }
}
