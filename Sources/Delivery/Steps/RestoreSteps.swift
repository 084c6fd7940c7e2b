// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Brings the data back beside the database, and has them compared.
struct PrepareRestoreStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let (restoration, accessory) = try context.restoration()
        let serving = try await context.ports.records.environment(context.key)?.serving
        guard serving?.release == context.release.id, serving?.slot == context.slot else {
            throw Failure(
                .conflict,
                "\(serving?.release.rawValue ?? "nothing") serves \(context.key) now, and \(context.release.id) did when the restore was asked for",
                hint: "ask for it again",
            )
        }
        // What can't be started anew after the exchange is found out before it.
        _ = try await context.running()
        let proof = try await context.ports.restores.prepare(
            restoration,
            of: accessory,
            for: context.deployment.id,
        )
        await context.tell(
            .note(.restore, "\(restoration.source) restored beside \(accessory.manifest.dataName): \(proof)")
        )
        return .done
    }
}

/// Keeps writers out, so that nothing is written that is neither in the last backup nor in what takes the place.
struct ShutStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let (_, accessory) = try context.restoration()
        try await context.ports.restores.shut(accessory)
        await context.tell(.note(.shut, "nobody but OpsHub gets into \(accessory.manifest.dataName)"))
        return .done
    }
}

/// Puts the data in the database's place.
struct ExchangeStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let (restoration, accessory) = try context.restoration()
        let id = context.deployment.id
        let kept = try await context.ports.restores.exchange(restoration, of: accessory, for: id)
        let days = context.environment.backup.keepsOld.briefly
        await context.tell(
            .note(
                .exchange,
                "\(accessory.manifest.dataName) is as of \(restoration.asOf.formatted(.iso8601)); as it was it is kept as \(kept) for \(days): opshub backup restore --undo \(id) -e \(context.key.environment)",
            )
        )
        return .done
    }
}

/// Starts the services that serve anew: what they remember of the database is no longer so.
struct RestartStep {
    let context: StepContext

    /// Throws `service-exited` when one of them is gone.
    func perform() async throws -> StepResult {
        _ = try await context.running()
        try await restartWhatIsThere()
        return .done
    }

    /// An instance that is gone keeps no other from being started.
    func restartWhatIsThere() async throws {
        for (service, id) in context.instances {
            guard let status = try await context.ports.services.status(of: id),
                status.release == context.release.id
            else { continue }
            let specification = try await context.specification(of: service, as: id, on: status.port)
            try await context.ports.services.restart(specification)
            await context.tell(.note(.restart, "\(id) was started anew on 127.0.0.1:\(status.port)"))
        }
    }
}

extension StepContext {
    /// What a deployment of the kind `restore` is about.
    func restoration() throws(Failure) -> (Restoration, AccessorySpecification) {
        guard let restoration = deployment.restoration else {
            throw Failure(.unexpected, "\(deployment.id) restores nothing")
        }
        guard let accessory = manifest.accessories.first(where: { $0.name == restoration.accessory }) else {
            throw Failure(.notFound, "\(key) has no accessory \(restoration.accessory)")
        }
        return (
            restoration, specification(of: accessory, port: environment.ports[accessory.name.rawValue] ?? 0),
        )
    }
}
