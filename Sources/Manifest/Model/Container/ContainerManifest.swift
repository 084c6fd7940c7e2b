// SPDX-License-Identifier: Apache-2.0

/// How something runs in a container: what a compose file says of it, with nothing left to look up.
///
/// Variables and the limit on memory are the service's own, as they are for a process.
public struct ContainerManifest: Hashable, Sendable, Codable {
    /// Where its image comes from.
    public enum Image: Hashable, Sendable, Codable {
        /// By its name in a registry: `nginx:1.27`, `ghcr.io/acme/api@sha256:…`.
        case named(String)
        /// Built from the repository.
        case built(ImageBuildManifest)
    }

    /// What becomes of a container whose program has ended.
    public enum Restart: String, Hashable, Sendable, Codable, CaseIterable {
        /// It is started again, however it ended. What a service gets that says nothing.
        case always
        /// It is started again when it has failed.
        case onFailure = "on-failure"
        /// It stays as it is.
        case no
    }

    /// Where its image comes from.
    public var image: Image
    /// The program in place of the image's own; nil for the image's own, empty for none.
    public var entrypoint: [String]?
    /// The program's arguments in place of the image's own.
    public var command: [String]?
    /// The port that it answers HTTP on, inside; nil when it answers nothing.
    public var port: Int?
    /// Networks that it is in, in order; never empty.
    public var networks: [ContainerNetwork]
    /// What it sees of volumes, of the release's files and of memory.
    public var mounts: [ContainerMount]
    /// How it is asked for its health from inside; nil for the image's own way.
    public var check: ContainerCheck?
    /// What must be there before it starts.
    public var dependencies: [ContainerDependency]
    /// What becomes of it when its program has ended.
    public var restart: Restart
    /// Who its program is, and what it may do.
    public var privileges: ContainerPrivileges
    /// What it may use, besides memory.
    public var resources: ContainerResources
    /// Its host name; the engine's choice when nil.
    public var hostname: String?
    /// Where its program begins; the image's own folder when nil.
    public var workingDirectory: String?
    /// `NAME:ADDRESS`, for its table of hosts.
    public var extraHosts: [String]
    /// Labels of its own.
    public var labels: [String: String]
    /// The signal that asks its program to end; the image's own when nil.
    public var stopSignal: String?
    /// Whether a small first process passes signals on and buries what is left behind.
    public var hasInit: Bool
    /// Whether its program gets a terminal.
    public var hasTerminal: Bool

    /// Describes a container; everything but the image has the value that most files leave it at.
    public init(
        image: Image,
        entrypoint: [String]? = nil,
        command: [String]? = nil,
        port: Int? = nil,
        networks: [ContainerNetwork] = [ContainerNetwork()],
        mounts: [ContainerMount] = [],
        check: ContainerCheck? = nil,
        dependencies: [ContainerDependency] = [],
        restart: Restart = .always,
        privileges: ContainerPrivileges = ContainerPrivileges(),
        resources: ContainerResources = ContainerResources(),
        hostname: String? = nil,
        workingDirectory: String? = nil,
        extraHosts: [String] = [],
        labels: [String: String] = [:],
        stopSignal: String? = nil,
        hasInit: Bool = false,
        hasTerminal: Bool = false,
    ) {
        self.image = image
        self.entrypoint = entrypoint
        self.command = command
        self.port = port
        self.networks = networks
        self.mounts = mounts
        self.check = check
        self.dependencies = dependencies
        self.restart = restart
        self.privileges = privileges
        self.resources = resources
        self.hostname = hostname
        self.workingDirectory = workingDirectory
        self.extraHosts = extraHosts
        self.labels = labels
        self.stopSignal = stopSignal
        self.hasInit = hasInit
        self.hasTerminal = hasTerminal
    }
}
