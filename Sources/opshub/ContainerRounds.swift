// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import DockerRuntime
import Logging
import ServiceLifecycle

/// Watches over containers from the first one on: their logs are written down, and one that ends by itself is told at once.
///
/// A home without containers asks no engine for anything.
struct ContainerRounds: Service {
    /// How often it is looked whether there is anything to watch, and whether an engine that was gone is back.
    private static let pause = Duration.seconds(2)

    let watch: EngineWatch
    let runtimes: ServiceRuntimes
    let records: any DeliveryRecords
    let engine: DeliveryEngine
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var isTold = false
            while !Task.isCancelled {
                do {
                    if try await hasContainers() {
                        try await watch.run { id, ending in
                            await engine.ended(id, ending)
                        } onTrouble: { error in
                            logger.warning(
                                "the log of a container is not followed",
                                metadata: ["error": "\(error)"],
                            )
                        }
                        isTold = false
                    }
                } catch is CancellationError {
                    return
                } catch {
                    // Once: an engine that is down is down for everybody who looks.
                    if !isTold {
                        logger.warning("can't watch over containers", metadata: ["error": "\(error)"])
                    }
                    isTold = true
                }
                try await ContinuousClock().sleep(for: Self.pause)
            }
        }
    }

    private func hasContainers() async throws -> Bool {
        try await records.environments().contains { try runtimes.hasContainers($0.key) }
    }
}
