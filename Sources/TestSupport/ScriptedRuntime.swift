// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import FoundationEssentials

/// Service instances of a scripted world.
public struct ScriptedRuntime: ServiceRuntime {
    let world: ScriptedWorld

    /// Instances of this world.
    public init(_ world: ScriptedWorld) {
        self.world = world
    }

    /// Runs an instance.
    public func start(_ instance: InstanceSpecification) async throws {
        try await world.act("start \(instance.id.slot) \(instance.release)")
        world.change { facts in
            facts.instances[instance.id] = InstanceStatus(
                id: instance.id,
                release: instance.release,
                port: instance.port,
                state: .running(process: 1),
            )
        }
    }

    /// Starts an instance anew.
    public func restart(_ instance: InstanceSpecification) async throws {
        try await world.act("restart \(instance.id.slot) \(instance.release)")
    }

    /// Ends an instance.
    public func stop(_ id: InstanceID) async throws {
        try await world.act("stop \(id.slot)")
        world.change { $0.instances[id] = nil }
    }

    /// One instance.
    public func status(of id: InstanceID) async throws -> InstanceStatus? { world.now.instances[id] }

    /// As the world says, the first time and every time after it.
    public func memory(of id: InstanceID) async throws -> ByteCount? {
        let found = world.now.residentMemory.first
        world.change { if $0.residentMemory.count > 1 { $0.residentMemory.removeFirst() } }
        return found
    }

    /// As the world says.
    public func alteredVariables(of instance: InstanceSpecification) async throws -> [String] {
        world.now.alteredVariables
    }

    /// Nobody.
    public func intruder(on id: InstanceID) async throws -> String? { nil }

    /// All instances.
    public func instances(of environment: EnvironmentKey) async throws -> [InstanceStatus] {
        world.now.instances.values.filter { $0.id.environment == environment }
            .sorted { $0.id.description < $1.id.description }
    }

    /// Those that run.
    public func logged(in environment: EnvironmentKey) async throws -> [LoggedInstance] {
        try await instances(of: environment)
            .map { LoggedInstance(id: $0.id, release: $0.release, isGone: false) }
    }

    /// As the world says.
    public func log(of id: InstanceID, after cursor: LogCursor?, limit: Int) async throws -> LogPage {
        let lines = world.now.log.map { LogLine(at: Date(timeIntervalSince1970: 0), text: $0) }
        return LogPage(
            lines: cursor == nil ? lines : [],
            next: lines.isEmpty ? nil : LogCursor(rawValue: "end"),
        )
    }
}
