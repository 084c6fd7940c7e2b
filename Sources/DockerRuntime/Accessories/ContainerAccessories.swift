// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import FoundationEssentials
public import Manifest

/// Accessories in containers: compose services that keep data.
///
/// A container that is there is never replaced by a deployment, whatever has changed in the compose file: its data outlive releases,
/// and a restart is a person's decision.
public struct ContainerAccessories: AccessoryRuntime {
    /// How long one may take to be healthy, or to stay up.
    private static let patience = Duration.seconds(120)

    private let client: EngineClient
    private let labels: EngineLabels
    private let images: EngineImages

    /// Accessories of a home on an engine.
    public init(layout: HomeLayout, engine: Engine) {
        client = engine.client
        labels = EngineLabels(identity: engine.identity)
        images = EngineImages(layout: layout, engine: engine)
    }

    /// Makes the accessory exist and run, and returns once it is healthy, or runs where it has no check of its own.
    public func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress {
        let kept = try Self.container(accessory)
        var present = try await find(accessory)
        if present == nil {
            try await make(accessory, kept)
            present = try await find(accessory)
        } else if let found = present {
            // A control plane that ended between making it and this has put it into one of its networks only.
            let order = AccessoryOrder(
                accessory: accessory,
                kept: kept,
                image: ImageID(found.image),
                labels: labels,
            )
            let known = Set((found.networkSettings.networks ?? [:]).keys)
            let missing = order.networks.filter { !known.contains($0.name) }
            if found.state.status == "created" {
                try await EnvironmentNetworks(client: client, labels: labels).enter(missing, found.id)
            }
            if !found.isRunning { try await client.order("/containers/\(found.id)/start") }
        }
        try await waitUntilHealthy(accessory)
        return address(accessory, kept)
    }

    /// The image that it runs, or would.
    public func version(of accessory: AccessoryManifest) async throws -> String {
        let engine = try await client.product()
        guard case .container(let kept) = accessory.kind, case .named(let name) = kept.container.image else {
            return engine
        }
        return "\(name) on \(engine)"
    }

    /// Where the accessory is; nil when it was never made.
    public func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress? {
        let kept = try Self.container(accessory)
        return try await find(accessory) == nil ? nil : address(accessory, kept)
    }

    private func address(
        _ accessory: AccessorySpecification,
        _ kept: ContainerAccessoryManifest,
    ) -> AccessoryAddress {
        .container(name: accessory.manifest.name.rawValue, secrets: kept.secrets.map { Secret($0) })
    }

    private static func container(
        _ accessory: AccessorySpecification
    ) throws(Failure) -> ContainerAccessoryManifest {
        guard case .container(let kept) = accessory.manifest.kind else {
            throw Failure(.unexpected, "\(accessory.manifest.name) is no container")
        }
        return kept
    }

    // MARK: Containers

    private func name(_ accessory: AccessorySpecification) -> String {
        labels.accessory(accessory.manifest.name, of: accessory.environment)
    }

    private func find(_ accessory: AccessorySpecification) async throws -> EngineContainer? {
        let name = name(accessory)
        guard let found = try await client.find("/containers/\(name)/json", as: EngineContainer.self) else {
            return nil
        }
        guard found.config.labels?[EngineLabels.home] == labels.identity.rawValue,
            found.config.labels?[EngineLabels.accessory] == accessory.manifest.name.rawValue
        else {
            throw Failure(
                .conflict,
                "there is a container \(name) that OpsHub did not make",
                hint: "see what it is: docker inspect \(name); rename it with docker rename, if it must stay",
            )
        }
        return found
    }

    private func make(_ accessory: AccessorySpecification, _ kept: ContainerAccessoryManifest) async throws {
        guard case .named(let image) = kept.container.image else {
            throw Failure(.invalidManifest, "\(accessory.manifest.name) has no image")
        }
        let key = accessory.environment
        let id = try await images.pull(image) { _ in }
        let networks = EnvironmentNetworks(client: client, labels: labels)
        try await networks.ensure(kept.container.networks, of: key)
        try await EnvironmentVolumes(client: client, labels: labels).ensure(kept.container.mounts, of: key)
        let order = AccessoryOrder(accessory: accessory, kept: kept, image: id, labels: labels)
        let made = try await client.order(
            "/containers/create",
            ["name": name(accessory)],
            order.order,
            as: EngineCreated.self,
        )
        try await networks.enter(Array(order.networks.dropFirst()), made.id)
        do {
            try await client.order("/containers/\(made.id)/start")
        } catch let refusal as EngineRefusal {
            // It has no data yet: the next attempt makes it anew.
            try await client.delete("/containers/\(made.id)", ["force": "true"])
            throw Failure(
                .serviceExited,
                "\(accessory.manifest.name) of \(key) can't be started in its container",
                hint: "see command, user and volumes of \(accessory.manifest.name)",
                cause: refusal.message,
            )
        }
    }

    private func waitUntilHealthy(_ accessory: AccessorySpecification) async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        var seen: EngineContainer?
        while clock.now - begin < Self.patience {
            seen = try await find(accessory)
            if let state = seen?.state, seen?.isRunning == true {
                // Without a check of its own: it runs, and has for a moment.
                let age = EngineTime.date(state.startedAt).map { Date.now.timeIntervalSince($0) } ?? 0
                if state.health?.status == "healthy" || (state.health == nil && age >= 1) { return }
            }
            try await clock.sleep(for: .milliseconds(200))
        }
        let name = accessory.manifest.name
        throw Failure(
            .serviceExited,
            "\(name) of \(accessory.environment) is not up after \(Self.patience.briefly): it is \(seen?.state.status ?? "gone"), \(seen?.state.health?.status ?? "without a health check")",
            hint: "see what it writes: docker logs \(self.name(accessory))",
            evidence: seen?.state.health?.log?.last.map { [$0.output] } ?? [],
        )
    }
}
