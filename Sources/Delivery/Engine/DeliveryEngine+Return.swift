// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

extension DeliveryEngine {
    /// Starts again what served when the machine went down; what runs is left alone.
    ///
    /// An environment that can't come back keeps no other from it. A warm release that is gone is warm no longer: a rollback
    /// to it starts it anew.
    func returnAfterReboot() async throws {
        for record in try await ports.records.environments() {
            do {
                try await holding(record.key) { try await self.bringBack(record.key, $0) }
            } catch let failure as Failure where failure.code == .leaseHeld {
                // Whoever drives it may be gone with the machine, too: its lane looks as soon as it is free.
                unreturned[record.key] = failure
            }
        }
    }

    func bringBack(_ key: EnvironmentKey, _ lease: Lease) async throws {
        var missing: Failure?
        defer { unreturned[key] = missing }
        // As it is now that nobody else can change it.
        guard var record = try await ports.records.environment(key) else { return }
        for placement in [record.serving, record.warm].compactMap(\.self) {
            do {
                try await ReturnStep(context: try await context(of: placement, in: key)).perform()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                let failure = Failure.wrapping(error, doing: "starting \(placement.release) again")
                // Told once, and tried again as long as there is something to start.
                if unreturned[key] != failure { report(key, failure) }
                guard failure.code == .serviceExited else {
                    missing = failure
                    continue
                }
                guard placement == record.warm else { continue }
                record = try await retire(placement, record, lease)
            }
        }
    }

    /// The context of the deployment that brought a release to where it is.
    func context(of placement: Placement, in key: EnvironmentKey) async throws -> StepContext {
        if let (known, context) = contexts[key], known == placement { return context }
        let deployments = try await ports.records.deployments(of: key, limit: 500)
        guard
            let deployment = deployments.first(where: {
                $0.release == placement.release && $0.slot == placement.slot
            }),
            let release = try await ports.records.release(placement.release),
            let environment = release.manifest.environment(key.environment)
        else {
            throw Failure(
                .damagedState,
                "nothing is recorded of the deployment that brought \(placement.release) to \(key)",
                hint: "opshub deploy -e \(key.environment)",
            )
        }
        let context = StepContext(
            deployment: deployment,
            release: release,
            environment: environment,
            slot: placement.slot,
            ports: ports,
            settings: settings,
            tell: { _ in },
        )
        contexts[key] = (placement, context)
        return context
    }
}
