// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Starts a release again that runs no more and should: its accessories, then its instances, each on the port that the
/// edge knows it by.
///
/// Nothing that runs is touched, not even when it would be started otherwise today.
struct ReturnStep {
    let context: StepContext

    func perform() async throws {
        let (stopped, gone) = try await stoppedInstances()
        if !stopped.isEmpty {
            for accessory in context.manifest.accessories where try await !ensure(accessory) {
                throw Failure(.notFound, "accessory \(accessory.name) of \(context.key) was never made")
            }
        }
        try await start(stopped)
        if let gone { throw gone }
    }

    /// The same for a release that a deployment is about to bring, so that it goes on with `step` where it was, and not on a
    /// machine that has forgotten half of it: what ran by then runs, and is as healthy as it was.
    func resume(at step: Step) async throws {
        for accessory in context.manifest.accessories { _ = try await ensure(accessory) }
        let stopped = try await stoppedInstances().0
        try await start(stopped)
        guard !stopped.isEmpty, ![.start, .health].contains(step) else { return }
        _ = try await HealthGate(context: context, step: step).perform()
    }

    private func start(_ stopped: [(ServiceManifest, InstanceID, Int)]) async throws {
        // One that can't come back keeps no other from it.
        var failure: (any Error)?
        for (service, id, port) in stopped {
            do {
                try await context.start(service, as: id, on: port)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func stoppedInstances() async throws -> ([(ServiceManifest, InstanceID, Int)], Failure?) {
        var stopped: [(ServiceManifest, InstanceID, Int)] = []
        var gone: Failure?
        for (service, id) in context.instances {
            guard let status = try await context.ports.services.status(of: id),
                status.release == context.release.id
            else {
                gone = Failure(
                    .serviceExited,
                    "instance \(id) of \(context.release.id) is gone",
                    hint: "opshub deploy -e \(context.key.environment)",
                )
                continue
            }
            if status.state == .stopped { stopped.append((service, id, status.port)) }
        }
        return (stopped, gone)
    }

    /// Whether there is one.
    private func ensure(_ accessory: AccessoryManifest) async throws -> Bool {
        let unknown = context.specification(of: accessory, port: 0)
        guard let address = try await context.ports.accessories.address(of: unknown) else { return false }
        _ = try await context.ports.accessories.ensure(
            context.specification(of: accessory, port: address.port ?? 0)
        )
        return true
    }
}
