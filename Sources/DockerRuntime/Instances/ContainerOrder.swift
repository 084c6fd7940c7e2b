// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import Delivery
import FoundationEssentials
import Manifest

/// What the engine is told to make of an instance: a value, the same for the same instance.
struct ContainerOrder {
    let instance: InstanceSpecification
    let container: ContainerManifest
    let image: ImageID
    let labels: EngineLabels

    /// Where files with the content of secrets and configs are written, on the machine.
    let files: String

    /// Throws `unexpected` for what is no container, or has no image.
    init(_ instance: InstanceSpecification, _ labels: EngineLabels, files: String) throws(Failure) {
        guard case .container(let container) = instance.program, let image = instance.image else {
            throw Failure(.unexpected, "\(instance.id) has no image, and was to be started in a container")
        }
        self.instance = instance
        self.container = container
        self.image = image
        self.labels = labels
        self.files = files
    }

    /// The order, with a label that says which it is.
    func order() throws -> EngineContainerOrder {
        var order = unmarked
        let bytes = try EngineCoding.encoder.encode(order)
        order.labels[EngineLabels.specification] = Self.hexadecimal(SHA256.hash(data: bytes))
        return order
    }

    /// Networks that it is put into once it is made: engines before API 1.44 take one at the making.
    var furtherNetworks: [(name: String, aliases: [String])] {
        networks.dropFirst().map { ($0.name, $0.aliases) }
    }

    /// Its networks by the engine's names: those of its slot, where only its release is, and those of accessories.
    private var networks: [(name: String, aliases: [String])] {
        let (key, slot) = (instance.id.environment, instance.id.slot)
        return container.networks.flatMap { network -> [(String, [String])] in
            let aliases = [instance.id.service.rawValue] + network.aliases
            if let external = network.externalName { return [(external, aliases)] }
            let own = (labels.network(network.name, of: key, slot), aliases)
            // Accessories are known there by name, and services by none: the other slot's are there too.
            return network.hasAccessories ? [own, (labels.network(network.name, of: key), [])] : [own]
        }
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private var unmarked: EngineContainerOrder {
        var own = labels.labels(of: instance.id)
        own[EngineLabels.release] = instance.release.rawValue
        own[EngineLabels.port] = "\(instance.port)"
        let shape = ContainerShape(
            container: container,
            key: instance.id.environment,
            labels: labels,
            files: files,
        )
        var order = shape.order(image: image, variables: variables, labels: own, network: networks[0])
        order.stopTimeout = ContainerShape.wholeSeconds(instance.limits.stopTimeout)
        order.hostConfig.memory = instance.limits.memory.bytes
        // The same: none of it goes to a swap, which would only make it slow.
        order.hostConfig.memorySwap = instance.limits.memory.bytes
        if !order.hostConfig.ulimits.contains(where: { $0.name == "nofile" }) {
            let files = instance.limits.files
            order.hostConfig.ulimits.append(.init(name: "nofile", soft: files, hard: files))
        }
        if let port = container.port {
            order.exposedPorts = ["\(port)/tcp": EngineEmpty()]
            // The edge holds the port that others know; this one is between the two.
            order.hostConfig.portBindings = [
                "\(port)/tcp": [.init(hostIp: "127.0.0.1", hostPort: "\(instance.port)")]
            ]
        }
        return order
    }

    /// As a process gets them, but for the address: a container is alone with its own, and hears others on all of them.
    private var variables: [String: String] {
        var variables = instance.variables.mapValues { $0.revealed() }
        if let port = container.port { variables["PORT"] = variables["PORT"] ?? "\(port)" }
        return variables
    }
}
