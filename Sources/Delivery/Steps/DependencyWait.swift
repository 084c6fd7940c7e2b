// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Waits until what a service depends on is what it must be (`depends_on`), before the service is started.
struct DependencyWait {
    let context: StepContext

    func wait(for service: ServiceManifest) async throws {
        for dependency in service.container?.dependencies ?? [] {
            // Services come in the order of their dependencies, so that it was started before.
            guard dependency.condition == .healthy,
                let other = context.manifest.services.first(where: { $0.name.rawValue == dependency.name })
            else { continue }
            for (_, id) in context.instances where id.service == other.name {
                guard let status = try await context.ports.services.status(of: id) else { continue }
                await context.tell(.note(.start, "\(service.name) waits for \(id) to be healthy"))
                try await HealthGate(context: context, step: .start).waitUntilHealthy(other, status)
            }
        }
    }
}
