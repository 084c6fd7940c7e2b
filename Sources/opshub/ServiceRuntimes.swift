// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import DockerRuntime
import HostSystem
import InstanceFolders
import ProcessRuntime

/// Gives every instance to the room where it runs; nothing else is decided here.
///
/// The engine is asked in environments that have had a container, and in no others: those go on where it is down.
struct ServiceRuntimes: ServiceRuntime {
    let layout: HomeLayout
    let processes: ProcessServiceRuntime
    let containers: DockerServiceRuntime

    func start(_ instance: InstanceSpecification) async throws {
        let isContainer = instance.image != nil
        if isContainer {
            try Folder.make(layout.environment(instance.id.environment))
            try DurableFile.write([], to: mark(instance.id.environment))
        }
        // A service that has moved from one to the other.
        if try InstanceFolder(instance.id, in: layout).isContainer != isContainer {
            try await stop(instance.id)
        }
        try await runtime(isContainer: isContainer).start(instance)
    }

    func restart(_ instance: InstanceSpecification) async throws {
        try await runtime(isContainer: instance.image != nil).restart(instance)
    }

    func stop(_ id: InstanceID) async throws {
        if try hasContainers(id.environment) { try await containers.stop(id) }
        guard try !InstanceFolder(id, in: layout).isContainer else { return }
        try await processes.stop(id)
    }

    func status(of id: InstanceID) async throws -> InstanceStatus? {
        if try hasContainers(id.environment), let status = try await containers.status(of: id) {
            return status
        }
        return try await processes.status(of: id)
    }

    func memory(of id: InstanceID) async throws -> ByteCount? {
        try await runtime(of: id).memory(of: id)
    }

    func alteredVariables(of instance: InstanceSpecification) async throws -> [String] {
        try await runtime(isContainer: instance.image != nil).alteredVariables(of: instance)
    }

    func intruder(on id: InstanceID) async throws -> String? { try await runtime(of: id).intruder(on: id) }

    func instances(of environment: EnvironmentKey) async throws -> [InstanceStatus] {
        let own = try await processes.instances(of: environment)
        guard try hasContainers(environment) else { return own }
        return (own + (try await containers.instances(of: environment))).sorted { $0.id.order < $1.id.order }
    }

    func ports(of environment: EnvironmentKey) async throws -> Set<Int> {
        // Both write down what they start, so that an engine that is down keeps nobody else from starting.
        Set(try InstanceFolder.all(of: environment, in: layout).compactMap { try $0.record()?.port })
    }

    func logged(in environment: EnvironmentKey) async throws -> [LoggedInstance] {
        // Both read the same folders.
        try await processes.logged(in: environment)
    }

    func log(of id: InstanceID, after cursor: LogCursor?, limit: Int) async throws -> LogPage {
        try await runtime(of: id).log(of: id, after: cursor, limit: limit)
    }

    // MARK: Which

    private func runtime(isContainer: Bool) -> any ServiceRuntime { isContainer ? containers : processes }

    private func runtime(of id: InstanceID) throws -> any ServiceRuntime {
        runtime(isContainer: try InstanceFolder(id, in: layout).isContainer)
    }

    private func mark(_ environment: EnvironmentKey) -> String {
        "\(layout.environment(environment))/containers"
    }

    /// Whether an environment has had containers.
    func hasContainers(_ environment: EnvironmentKey) throws -> Bool {
        try FileContent.bytes(of: mark(environment)) != nil
    }
}

extension InstanceID {
    fileprivate var order: (Int, String, Int) {
        (Slot.allCases.firstIndex(of: slot) ?? 0, service.rawValue, replica)
    }
}
