// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest

/// What the engine is told to make of an accessory.
struct AccessoryOrder {
    let accessory: AccessorySpecification
    let kept: ContainerAccessoryManifest
    let image: ImageID
    let labels: EngineLabels

    /// Its networks by the engine's names, with the names that services know it by there.
    var networks: [(name: String, aliases: [String])] {
        kept.container.networks.map { network in
            let name = network.externalName ?? labels.network(network.name, of: accessory.environment)
            return (name, [accessory.manifest.name.rawValue] + network.aliases)
        }
    }

    /// The order.
    var order: EngineContainerOrder {
        let shape = ContainerShape(
            container: kept.container,
            key: accessory.environment,
            labels: labels,
            files: nil,
        )
        var own = labels.labels(of: accessory.environment)
        own[EngineLabels.accessory] = accessory.manifest.name.rawValue
        var order = shape.order(image: image, variables: kept.variables, labels: own, network: networks[0])
        order.stopTimeout = ContainerShape.wholeSeconds(kept.stopTimeout)
        order.hostConfig.memory = kept.memory?.bytes
        order.hostConfig.memorySwap = kept.memory?.bytes
        // It is there before every service, and after a reboot without anybody.
        order.hostConfig.restartPolicy = .init(name: "unless-stopped")
        return order
    }
}
