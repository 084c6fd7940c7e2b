// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest

/// What services and accessories have in common when the engine is told to make a container.
struct ContainerShape {
    let container: ContainerManifest
    let key: EnvironmentKey
    let labels: EngineLabels
    /// Where ``ContainerFiles`` are; nil for what outlives releases.
    let files: String?

    /// An order without ports and limits on memory.
    func order(
        image: ImageID,
        variables: [String: String],
        labels own: [String: String],
        network: (name: String, aliases: [String]),
    ) -> EngineContainerOrder {
        EngineContainerOrder(
            image: image.rawValue,
            entrypoint: container.entrypoint,
            cmd: container.command,
            env: variables.map { "\($0)=\($1)" }.sorted(),
            labels: container.labels.merging(own) { $1 },
            healthcheck: container.check.map(Self.healthcheck),
            user: container.privileges.user,
            workingDir: container.workingDirectory,
            hostname: container.hostname,
            stopSignal: container.stopSignal,
            tty: container.hasTerminal,
            hostConfig: hostConfig(network.name),
            networkingConfig: .init(endpointsConfig: [network.name: .init(aliases: network.aliases)]),
        )
    }

    private func hostConfig(_ network: String) -> EngineContainerOrder.HostConfig {
        let (privileges, resources) = (container.privileges, container.resources)
        return .init(
            networkMode: network,
            restartPolicy: .init(name: Self.policy(container.restart)),
            mounts: container.mounts.enumerated().compactMap { mount($1, number: $0) },
            memoryReservation: resources.memoryReservation?.bytes,
            nanoCpus: resources.millicores.map { Int64($0) * 1_000_000 },
            cpuShares: resources.weight,
            pidsLimit: resources.processes,
            shmSize: resources.sharedMemory?.bytes,
            ulimits: resources.limits.map { .init(name: $0.name, soft: $0.soft, hard: $0.hard) },
            capAdd: privileges.addedCapabilities,
            capDrop: privileges.droppedCapabilities,
            securityOpt: privileges.securityOptions,
            groupAdd: privileges.groups,
            readonlyRootfs: privileges.isReadOnly,
            extraHosts: container.extraHosts,
            init: container.hasInit ? true : nil,
            // Read by us, and kept where every other log is.
            logConfig: .init(
                type: "local",
                config: ["max-size": "20m", "max-file": "5", "compress": "false"],
            ),
        )
    }

    private func mount(_ mount: ContainerMount, number: Int) -> EngineContainerOrder.Mount? {
        let (type, source): (String, String?)
        switch mount.source {
        case .volume(let name): (type, source) = ("volume", labels.volume(name, of: key))
        case .externalVolume(let name): (type, source) = ("volume", name)
        case .anonymous: (type, source) = ("volume", nil)
        case .host(let path): (type, source) = ("bind", path)
        case .memory: (type, source) = ("tmpfs", nil)
        case .release, .file:
            guard let files else { return nil }
            (type, source) = ("bind", ContainerFiles.path(number, in: files))
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
