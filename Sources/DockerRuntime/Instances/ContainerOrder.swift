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
            return [(labels.network(network.name, of: key, slot), aliases)]
        }
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private var unmarked: EngineContainerOrder {
        let (privileges, first) = (container.privileges, networks[0])
        var own = container.labels.merging(labels.labels(of: instance.id)) { $1 }
        own[EngineLabels.release] = instance.release.rawValue
        own[EngineLabels.port] = "\(instance.port)"
        let inner = container.port.map { "\($0)/tcp" }
        return EngineContainerOrder(
            image: image.rawValue,
            entrypoint: container.entrypoint,
            cmd: container.command,
            env: variables.map { "\($0)=\($1.revealed())" }.sorted(),
            labels: own,
            exposedPorts: inner.map { [$0: EngineEmpty()] } ?? [:],
            healthcheck: container.check.map(Self.healthcheck),
            user: privileges.user,
            workingDir: container.workingDirectory,
            hostname: container.hostname,
            stopSignal: container.stopSignal,
            stopTimeout: Self.wholeSeconds(instance.limits.stopTimeout),
            tty: container.hasTerminal,
            hostConfig: hostConfig(network: first.name, inner),
            networkingConfig: .init(endpointsConfig: [first.name: .init(aliases: first.aliases)]),
        )
    }

    /// As a process gets them, but for the address: a container is alone with its own, and hears others on all of them.
    private var variables: [String: Secret] {
        var variables = instance.variables
        if let port = container.port { variables["PORT"] = variables["PORT"] ?? Secret("\(port)") }
        return variables
    }

    private func hostConfig(network: String, _ inner: String?) -> EngineContainerOrder.HostConfig {
        let (privileges, resources) = (container.privileges, container.resources)
        let binding = EngineContainerOrder.PortBinding(hostIp: "127.0.0.1", hostPort: "\(instance.port)")
        return .init(
            networkMode: network,
            portBindings: inner.map { [$0: [binding]] } ?? [:],
            restartPolicy: .init(name: Self.policy(container.restart)),
            mounts: container.mounts.enumerated().map { mount($1, number: $0) },
            memory: instance.limits.memory.bytes,
            // The same: none of it goes to a swap, which would only make it slow.
            memorySwap: instance.limits.memory.bytes,
            memoryReservation: resources.memoryReservation?.bytes,
            nanoCpus: resources.millicores.map { Int64($0) * 1_000_000 },
            cpuShares: resources.weight,
            pidsLimit: resources.processes,
            shmSize: resources.sharedMemory?.bytes,
            ulimits: limits,
            capAdd: privileges.addedCapabilities,
            capDrop: privileges.droppedCapabilities,
            securityOpt: privileges.securityOptions,
            groupAdd: privileges.groups,
            readonlyRootfs: privileges.isReadOnly,
            extraHosts: container.extraHosts,
            init: container.hasInit ? true : nil,
            // Read by us, and kept where every other log is.
            logConfig: .init(type: "local", config: ["max-size": "20m", "max-file": "5", "compress": "false"]),
        )
    }

    private var limits: [EngineContainerOrder.Ulimit] {
        let said = container.resources.limits
        let files = said.contains { $0.name == "nofile" }
            ? [] : [ContainerResources.ProcessLimit(name: "nofile", soft: instance.limits.files, hard: instance.limits.files)]
        return (said + files).map { .init(name: $0.name, soft: $0.soft, hard: $0.hard) }
    }

    private func mount(_ mount: ContainerMount, number: Int) -> EngineContainerOrder.Mount {
        let (type, source): (String, String?) =
            switch mount.source {
            case .volume(let name): ("volume", labels.volume(name, of: instance.id.environment))
            case .externalVolume(let name): ("volume", name)
            case .anonymous: ("volume", nil)
            case .release(let path): ("bind", "\(instance.directory)/\(path)")
            case .host(let path): ("bind", path)
            case .memory: ("tmpfs", nil)
            case .file: ("bind", "\(files)/\(number)")
            }
        var result = EngineContainerOrder.Mount(type: type, source: source, target: mount.target)
        result.readOnly = mount.isReadOnly
        if case .memory(let size, let mode) = mount.source {
            result.tmpfsOptions = .init(sizeBytes: size?.bytes, mode: mode.flatMap { Int($0, radix: 8) })
        }
        return result
    }

    private static func policy(_ restart: ContainerManifest.Restart) -> String {
        switch restart {
        // Not `always`: one that was stopped by hand stays stopped when the engine starts, and is told as drift.
        case .always: "unless-stopped"
        case .onFailure: "on-failure"
        case .no: "no"
        }
    }

    private static func healthcheck(_ check: ContainerCheck) -> EngineContainerOrder.Healthcheck {
        .init(
            test: check.test,
            interval: check.interval.map(nanoseconds),
            timeout: check.timeout.map(nanoseconds),
            retries: check.retries,
            startPeriod: check.startPeriod.map(nanoseconds),
            startInterval: check.startInterval.map(nanoseconds),
        )
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
    }

    /// Rounded up, for the engine takes whole seconds, and none would be no time at all.
    static func wholeSeconds(_ duration: Duration) -> Int {
        Int(duration.components.seconds) + (duration.components.attoseconds > 0 ? 1 : 0)
    }
}
