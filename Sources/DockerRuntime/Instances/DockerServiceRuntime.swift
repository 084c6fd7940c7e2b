// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import HostSystem
import InstanceFolders
import Manifest

/// Runs services in containers of an engine.
///
/// Nothing is remembered in memory: what runs is found by its labels. Container programs are restarted by the engine itself,
/// also while no control plane runs. Their logs are written down beside those of processes.
public struct DockerServiceRuntime: ServiceRuntime {
    let layout: HomeLayout
    let client: EngineClient
    let labels: EngineLabels
    let logs: ContainerLogs
    let stops: AskedStops

    /// A runtime of a home's containers on an engine.
    public init(layout: HomeLayout, engine: Engine) {
        self.layout = layout
        client = engine.client
        labels = EngineLabels(identity: engine.identity)
        logs = engine.logs
        stops = engine.stops
    }

    private let runner = ProgramRunner()

    private var networks: EnvironmentNetworks { EnvironmentNetworks(client: client, labels: labels) }

    /// Makes exactly this instance run.
    ///
    /// Besides what the port promises: throws `conflict` when its name, a network's or a volume's belongs to something that
    /// OpsHub did not make, `port-taken` when somebody listens on its port, `not-found` when its image is gone.
    public func start(_ instance: InstanceSpecification) async throws {
        let folder = InstanceFolder(instance.id, in: layout)
        let order = try ContainerOrder(instance, labels, files: "\(folder.path)/files")
        let wanted = try order.order()
        let present = try await container(instance.id)
        if let present,
            present.config.labels?[EngineLabels.specification] == wanted.labels[EngineLabels.specification]
        {
            try folder.remember(InstanceRecord(instance))
            // A control plane that ended between making it and this has not put it there.
            try await enter(order.furtherNetworks, present)
            guard !present.isRunning else { return }
            do {
                try await client.order("/containers/\(present.id)/start")
            } catch let refusal as EngineRefusal {
                // It has run before, with a log of its own: it stays as it is.
                throw Self.startFailure(refusal, instance)
            }
            return
        }
        if try await knownRecord(folder) != InstanceRecord(instance) {
            if let present { try await remove(present, folder) }
            try folder.removeLog()
        } else if let present {
            try await remove(present, folder)
        }
        try checkPort(of: instance)
        try folder.remember(InstanceRecord(instance))
        try await ContainerFiles(folder: folder, runner: runner).write(order.container.mounts, of: instance)
        try await networks.ensure(order.container.networks, of: instance.id.environment, instance.id.slot)
        try await EnvironmentVolumes(client: client, labels: labels)
            .ensure(order.container.mounts, of: instance.id.environment)
        try await make(order, wanted)
    }

    /// Ends an instance's program and starts it anew.
    public func restart(_ instance: InstanceSpecification) async throws {
        if let present = try await container(instance.id) {
            try await end(present)
        }
        try await start(instance)
    }

    /// Ends an instance's container and removes it; its log stays.
    public func stop(_ id: InstanceID) async throws {
        let folder = InstanceFolder(id, in: layout)
        if let present = try await container(id) {
            try await remove(present, folder)
            try await networks.removeEmpty(of: id.environment, id.slot)
        }
        if try folder.isContainer { try folder.forget() }
    }

    /// What is true of one instance; nil when there is none.
    public func status(of id: InstanceID) async throws -> InstanceStatus? {
        try await container(id)?.status(of: id) ?? removed(InstanceFolder(id, in: layout))
    }

    /// Without what the kernel keeps of files only to have them at hand.
    public func memory(of id: InstanceID) async throws -> ByteCount? {
        guard let present = try await container(id), present.isRunning else { return nil }
        if let known = try ContainerMemory.of(present) { return known }
        let query: EngineQuery = ["stream": "false", "one-shot": "true"]
        let statistics = try await client.find(
            "/containers/\(present.id)/stats",
            query,
            as: EngineStatistics.self,
        )
        guard let memory = statistics?.memory, let usage = memory.usage else { return nil }
        let cache = memory.stats?["total_inactive_file"] ?? memory.stats?["inactive_file"] ?? 0
        return ByteCount(max(0, usage - cache))
    }

    /// Variables of a container that are not what they should be; what its image brings along is not compared.
    public func alteredVariables(of instance: InstanceSpecification) async throws -> [String] {
        guard let present = try await container(instance.id),
            present.config.labels?[EngineLabels.release] == instance.release.rawValue,
            present.config.labels?[EngineLabels.port] == "\(instance.port)"
        else { return [] }
        let order = try ContainerOrder(instance, labels, files: "").order()
        let image = try await client.find("/images/\(present.image)/json", as: EngineImage.self)
        let wanted = Self.variables(image?.config?.env ?? []).merging(Self.variables(order.env)) { $1 }
        let found = Self.variables(present.config.env ?? [])
        return Set(wanted.keys).union(found.keys).filter { wanted[$0] != found[$0] }.sorted()
    }

    /// Nobody can: the engine itself holds the port for as long as the container runs.
    public func intruder(on id: InstanceID) async throws -> String? { nil }

    /// Every instance of an environment, in any slot, ordered by slot, service, replica.
    public func instances(of environment: EnvironmentKey) async throws -> [InstanceStatus] {
        let entries: [EngineContainerEntry] = try await client.get(
            "/containers/json",
            try .labels(labels.labels(of: environment)),
        )
        var found: [InstanceID: InstanceStatus] = [:]
        for entry in entries {
            guard let id = labels.instance(entry.labels ?? [:]),
                let container = try await client.find(
                    "/containers/\(entry.id)/json",
                    as: EngineContainer.self,
                ),
                let status = container.status(of: id)
            else { continue }
            found[id] = status
        }
        for folder in try InstanceFolder.all(of: environment, in: layout) where found[folder.id] == nil {
            found[folder.id] = try removed(folder)
        }
        return found.values.sorted { $0.id.order < $1.id.order }
    }

    /// Every instance whose log is kept.
    public func logged(in environment: EnvironmentKey) async throws -> [LoggedInstance] {
        try InstanceFolder.all(of: environment, in: layout).filter { try $0.isContainer }
            .compactMap { try $0.logged() }
    }

    /// What an instance wrote.
    public func log(of id: InstanceID, after cursor: LogCursor?, limit: Int) async throws -> LogPage {
        let folder = InstanceFolder(id, in: layout)
        do {
            if let present = try await container(id) { try await logs.catchUp(present, in: folder) }
        } catch let failure as Failure where failure.code == .engineFailed {
            // What was written down by now is there without the engine.
        }
        return try LogFolder(path: folder.log).page(after: cursor, limit: limit)
    }

    // MARK: Containers

    /// The container of an instance; nil when there is none.
    ///
    /// Throws `conflict` when somebody else's has its name.
    private func container(_ id: InstanceID) async throws -> EngineContainer? {
        let name = labels.name(of: id)
        guard let found = try await client.find("/containers/\(name)/json", as: EngineContainer.self) else {
            return nil
        }
        guard labels.instance(found.config.labels ?? [:]) == id else {
            throw Failure(
                .conflict,
                "there is a container \(name) that OpsHub did not make",
                hint: "see what it is: docker inspect \(name); rename it with docker rename, if it must stay",
            )
        }
        return found
    }

    /// One whose container somebody has removed by hand: it is stopped, and can be started again where the edge knows it.
    private func removed(_ folder: InstanceFolder) throws -> InstanceStatus? {
        guard let record = try folder.record(), record.isContainer == true else { return nil }
        return InstanceStatus(id: folder.id, release: record.release, port: record.port, state: .stopped)
    }

    private func make(_ order: ContainerOrder, _ wanted: EngineContainerOrder) async throws {
        let name = labels.name(of: order.instance.id)
        do {
            let made = try await client.order(
                "/containers/create",
                ["name": name],
                wanted,
                as: EngineCreated.self,
            )
            for network in order.furtherNetworks {
                try await client.order(
                    "/networks/\(EngineQuery.escaped(network.name))/connect",
                    [:],
                    EngineConnectOrder(container: made.id, endpointConfig: .init(aliases: network.aliases)),
                )
            }
            try await begin(made.id, order.instance)
        } catch let refusal as EngineRefusal
            where refusal.isNotFound && refusal.message.contains("No such image")
        {
            throw Failure(
                .notFound,
                "the image \(order.image.short) of \(order.instance.id) is gone from the engine",
                hint: "build it anew: opshub deploy -e \(order.instance.id.environment.environment)",
                cause: refusal.message,
            )
        }
    }

    private func enter(
        _ networks: [(name: String, aliases: [String])],
        _ container: EngineContainer,
    ) async throws {
        let known = Set((container.networkSettings.networks ?? [:]).keys)
        try await self.networks.enter(networks.filter { !known.contains($0.name) }, container.id)
    }

    /// Starts what was just made.
    ///
    /// What can't be started is removed again, for it would hold the name, and be taken for something
    /// that ran.
    private func begin(_ container: String, _ instance: InstanceSpecification) async throws {
        do {
            try await client.order("/containers/\(container)/start")
        } catch let refusal as EngineRefusal {
            try await client.delete("/containers/\(container)", ["force": "true", "v": "true"])
            throw Self.startFailure(refusal, instance)
        }
    }

    private static func startFailure(_ refusal: EngineRefusal, _ instance: InstanceSpecification) -> Failure {
        if refusal.message.contains("already allocated") || refusal.message.contains("address already in use")
        {
            return portTaken(
                instance,
                LocalPorts.holder(of: instance.port)?.description ?? "another process",
            )
        }
        return Failure(
            .serviceExited,
            "\(instance.id) can't be started in its container",
            hint: "see command, entrypoint, user and volumes of \(instance.id.service)",
            cause: refusal.message,
        )
    }

    private static func portTaken(_ instance: InstanceSpecification, _ holder: String) -> Failure {
        Failure(
            .portTaken,
            "\(instance.id) can't listen on port \(instance.port): \(holder) does already",
            hint: "see 'ss -ltnp sport = :\(instance.port)', and stop that process",
            isRetryable: true,
        )
    }

    private func checkPort(of instance: InstanceSpecification) throws {
        guard case .container(let container) = instance.program, container.port != nil,
            !LocalPorts.isFree(instance.port)
        else { return }
        throw Self.portTaken(
            instance,
            LocalPorts.holder(of: instance.port)?.description ?? "another process",
        )
    }

    /// Asks the program to end, and kills it after its time.
    private func end(_ container: EngineContainer) async throws {
        if container.isRunning { stops.note(container.id) }
        // Its own stop timeout, which the engine knows, and some for the engine.
        let limit = Duration.seconds(container.config.stopTimeout ?? 10) + EngineClient.patience
        do {
            try await client.order("/containers/\(container.id)/stop", within: limit)
        } catch let refusal as EngineRefusal where refusal.isNotFound {
            return
        }
    }

    /// Ends a container, writes down what it wrote last, and removes it with the volumes that have no name.
    private func remove(_ container: EngineContainer, _ folder: InstanceFolder) async throws {
        try await end(container)
        do {
            try await logs.catchUp(container, in: folder)
        } catch let failure as Failure where failure.code == .diskFull {
            // What ends must not wait for room: it may be what takes it.
        }
        try await client.delete("/containers/\(container.id)", ["force": "true", "v": "true"])
    }

    private func knownRecord(_ folder: InstanceFolder) async throws -> InstanceRecord? {
        do {
            return try folder.record()
        } catch  where error.code == .damagedState {
            try folder.quarantine()
            return nil
        }
    }

    private static func variables(_ lines: [String]) -> [String: String] {
        let pairs = lines.map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        return Dictionary(pairs) { $1 }
    }
}

extension InstanceID {
    fileprivate var order: (Int, String, Int) {
        (Slot.allCases.firstIndex(of: slot) ?? 0, service.rawValue, replica)
    }
}
