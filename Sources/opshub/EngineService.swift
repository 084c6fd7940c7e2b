// SPDX-License-Identifier: Apache-2.0
import Delivery
import ServiceLifecycle

/// Drives deployments as long as the control plane runs.
struct EngineService: Service {
    let engine: DeliveryEngine

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await engine.run() }
    }
}
