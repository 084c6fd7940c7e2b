// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Brings the data back beside the database, and has them compared.
struct PrepareRestoreStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let (restoration, accessory) = try context.restoration()
        let proof = try await context.ports.restores.prepare(
            restoration,
            of: accessory,
            for: context.deployment.id,
        )
        await context.tell(.note(.restore, "\(restoration.source) restored beside the database: \(proof)"))
        return .done
    }
}

/// Keeps writers out, so that nothing is written that is neither in the last backup nor in what takes the place.
struct ShutStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let (_, accessory) = try context.restoration()
        try await context.ports.restores.shut(accessory)
        await context.tell(.note(.shut, "nobody but OpsHub gets into \(accessory.manifest.database)"))
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
                "\(accessory.manifest.database) is as of \(restoration.asOf.formatted(.iso8601)); as it was it is kept as \(kept) for \(days): opshub backup restore --undo \(id) -e \(context.key.environment)",
            )
        )
        return .done
    }
}

/// Starts the services that serve anew: what they remember of the database is no longer so.
struct RestartStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        let running = try await context.running()
        for (service, status) in running {
            let id = status.id
            let specification = try await context.specification(of: service, as: id, on: status.port)
            try await context.ports.services.restart(specification)
            await context.tell(.note(.restart, "\(id) was started anew on 127.0.0.1:\(status.port)"))
        }
        return .done
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
