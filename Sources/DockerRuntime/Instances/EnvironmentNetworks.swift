// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest

/// The networks of an environment: each slot has its own, so that a name in them is the same release's; accessories have
/// others, which outlive releases.
struct EnvironmentNetworks {
    let client: EngineClient
    let labels: EngineLabels

    /// Makes a slot's networks exist; idempotent.
    func ensure(_ networks: [ContainerNetwork], of key: EnvironmentKey, _ slot: Slot) async throws {
        for network in networks where network.externalName == nil {
            try await ensure(
                labels.network(network.name, of: key, slot),
                isInternal: network.isInternal,
                labels.labels(of: key, slot).merging([EngineLabels.network: network.name]) { $1 },
            )
            if network.hasAccessories { try await ensureShared(network, of: key) }
        }
        try await requireExternal(networks, key)
    }

    /// Makes the networks of an accessory exist; idempotent.
    func ensure(_ networks: [ContainerNetwork], of key: EnvironmentKey) async throws {
        for network in networks where network.externalName == nil {
            try await ensureShared(network, of: key)
        }
        try await requireExternal(networks, key)
    }

    private func ensureShared(_ network: ContainerNetwork, of key: EnvironmentKey) async throws {
        try await ensure(
            labels.network(network.name, of: key),
            isInternal: network.isInternal,
            labels.labels(of: key).merging([EngineLabels.network: network.name]) { $1 },
        )
    }

    private func requireExternal(_ networks: [ContainerNetwork], _ key: EnvironmentKey) async throws {
        for network in networks {
            guard let name = network.externalName else { continue }
            guard
                try await client.find("/networks/\(EngineQuery.escaped(name))", as: EngineNetwork.self) != nil
            else {
                throw Failure(
                    .notFound,
                    "there is no network \(name), which \(key) expects to be there (external: true)",
                    hint: "make it: docker network create \(name)",
                )
            }
        }
    }

    /// Puts a container into networks: engines before API 1.44 take one when it is made.
    func enter(_ networks: [(name: String, aliases: [String])], _ container: String) async throws {
        for network in networks {
            try await client.order(
                "/networks/\(EngineQuery.escaped(network.name))/connect",
                [:],
                EngineConnectOrder(container: container, endpointConfig: .init(aliases: network.aliases)),
            )
        }
    }

    /// Removes those of a slot in which nobody is any more; idempotent.
    func removeEmpty(of key: EnvironmentKey, _ slot: Slot) async throws {
        let entries: [EngineNetwork] = try await client.get(
            "/networks",
            try .labels(labels.labels(of: key, slot), all: false),
        )
        for entry in entries {
            guard let network = try await client.find("/networks/\(entry.id)", as: EngineNetwork.self),
                network.containers?.isEmpty != false
            else { continue }
            do {
                try await client.delete("/networks/\(entry.id)")
            } catch let refusal as EngineRefusal where refusal.status == 403 || refusal.isConflict {
                continue  // Somebody has entered it at this moment.
            }
        }
    }

    private func ensure(_ name: String, isInternal: Bool, _ labels: [String: String]) async throws {
        if let known = try await client.find("/networks/\(name)", as: EngineNetwork.self) {
            guard known.labels?[EngineLabels.home] == labels[EngineLabels.home] else {
                throw Failure(
                    .conflict,
                    "there is a network \(name) that OpsHub did not make",
                    hint: "see what it is: docker network inspect \(name)",
                )
            }
            return
        }
        let order = EngineNetworkOrder(name: name, driver: "bridge", internal: isInternal, labels: labels)
        do {
            _ = try await client.order("/networks/create", [:], order, as: EngineCreated.self)
        } catch let refusal as EngineRefusal where refusal.isConflict {
            return  // Somebody was faster with the same.
        } catch let refusal as EngineRefusal where refusal.message.contains("address pool") {
            throw Failure(
                .engineFailed,
                "the container engine has no addresses left for another network (\(name))",
                hint:
                    "give it more in /etc/docker/daemon.json: \"default-address-pools\": [{\"base\": \"10.200.0.0/16\", \"size\": 24}], then restart it",
                cause: refusal.message,
            )
        }
    }
}
