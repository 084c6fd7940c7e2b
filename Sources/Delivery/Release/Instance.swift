// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// Names one instance: the n-th replica of a service in a slot of an environment.
public struct InstanceID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The environment.
    public let environment: EnvironmentKey
    /// The slot.
    public let slot: Slot
    /// The service.
    public let service: ServiceName
    /// From 1.
    public let replica: Int

    /// Names an instance.
    public init(_ environment: EnvironmentKey, _ slot: Slot, _ service: ServiceName, _ replica: Int) {
        self.environment = environment
        self.slot = slot
        self.service = service
        self.replica = replica
    }

    /// `tracehub/production/blue/backend.1`.
    public var description: String { "\(environment)/\(slot)/\(service).\(replica)" }
}

/// Everything that is needed to run one instance.
public struct InstanceSpecification: Sendable, Hashable {
    /// Which instance.
    public var id: InstanceID
    /// The release that it runs.
    public var release: ReleaseID
    /// What runs.
    public var program: ServiceManifest.Program
    /// The image of a container, by its content; nil for a process.
    public var image: ImageID?
    /// Its working directory, absolute.
    public var directory: String
    /// The loopback port that it listens on; also given to it as `PORT`.
    public var port: Int
    /// Its variables.
    public var variables: [String: Secret]
    /// What it may use.
    public var limits: LimitsManifest

    /// Describes an instance.
    public init(
        id: InstanceID,
        release: ReleaseID,
        program: ServiceManifest.Program,
        image: ImageID? = nil,
        directory: String,
        port: Int,
        variables: [String: Secret],
        limits: LimitsManifest,
    ) {
        self.id = id
        self.release = release
        self.program = program
        self.image = image
        self.directory = directory
        self.port = port
        self.variables = variables
        self.limits = limits
    }
}

/// What is true of an instance right now.
public struct InstanceStatus: Sendable, Hashable, Codable {
    /// Whether its program runs.
    public enum State: Sendable, Hashable, Codable {
        /// It runs as this process.
        case running(process: Int32)
        /// It ended and was not asked to; its supervisor starts it again.
        case restarting
        /// It was stopped, or never started.
        case stopped
    }

    /// Which instance.
    public var id: InstanceID
    /// The release that it runs.
    public var release: ReleaseID
    /// Its loopback port.
    public var port: Int
    /// Whether its program runs.
    public var state: State
    /// How often its program ended by itself since it was started.
    public var exits: Int
    /// How the last of those endings looked: `exit status 3`, `signal 9`.
    public var lastExit: String?
    /// What its container's own health check says; nil where there is none.
    public var check: ContainerHealth?

    /// Describes an instance's state.
    public init(
        id: InstanceID,
        release: ReleaseID,
        port: Int,
        state: State,
        exits: Int = 0,
        lastExit: String? = nil,
        check: ContainerHealth? = nil,
    ) {
        self.id = id
        self.release = release
        self.port = port
        self.state = state
        self.exits = exits
        self.lastExit = lastExit
        self.check = check
    }
}

/// What a container's own health check says.
public enum ContainerHealth: Sendable, Hashable, Codable {
    /// It has not been asked often enough to tell.
    case starting
    /// It answered well the last time.
    case healthy
    /// It failed too often in a row; with the end of what the check wrote.
    case unhealthy(String)
}
