// SPDX-License-Identifier: Apache-2.0
public import Core

/// One service as `opshub.yml` describes it.
public struct ServiceManifest: Hashable, Sendable, Codable {
    /// How a service's program comes to run.
    public enum Program: Hashable, Sendable, Codable {
        /// `run:` a command line, for `/bin/sh`; `$PORT` is the port to listen on.
        case command(String)
        /// `static:` a folder below the service's path, served by OpsHub itself.
        case files(folder: String)
        /// A container, as a compose file, `image:` or `dockerfile:` describes it.
        case container(ContainerManifest)
    }

    /// The container that it runs in; nil for a process of the machine.
    public var container: ContainerManifest? {
        guard case .container(let container) = program else { return nil }
        return container
    }

    /// Whether its instances answer on a port.
    public var answers: Bool { container.map { $0.port != nil } ?? true }

    /// How its instances are asked over HTTP; nil for those that answer none: their containers' own checks decide, or that they
    /// stay up.
    public var probe: HealthCheckManifest? { answers ? health : nil }

    /// Its key in the file.
    public var name: ServiceName
    /// Its folder below the repository's root; `.` by default.
    public var path: String
    /// Command lines that turn the checkout into something that runs, in order.
    public var build: [String]
    /// Command lines that must succeed before anything is deployed.
    public var test: [String]
    /// How long each build or test command may take; 10 minutes by default.
    public var buildTimeout: Duration
    /// What runs.
    public var program: Program
    /// How its health is asked for.
    public var health: HealthCheckManifest
    /// Path prefixes of the environment's domain that it answers, each starting with `/`.
    ///
    /// Empty: not reachable there.
    public var routes: [String]
    /// How many instances run; 1 by default.
    public var replicas: Int
    /// Variables for its programs, builds and migrations.
    public var variables: [String: String]
    /// What each instance may use.
    public var limits: LimitsManifest
    /// Whether the environment's variables come on top of its own; nil for yes.
    ///
    /// Those of compose files only put them into texts.
    public var takesEnvironment: Bool?
    /// Whether a compose service outlives releases, where `opshub.yml` says so or not; nil when it says nothing.
    public var isAccessory: Bool?

    /// Describes a service.
    public init(
        name: ServiceName,
        path: String = ".",
        build: [String] = [],
        test: [String] = [],
        buildTimeout: Duration = .seconds(600),
        program: Program,
        health: HealthCheckManifest = HealthCheckManifest(),
        routes: [String] = [],
        replicas: Int = 1,
        variables: [String: String] = [:],
        limits: LimitsManifest = LimitsManifest(),
        isAccessory: Bool? = nil,
    ) {
        self.name = name
        self.path = path
        self.build = build
        self.test = test
        self.buildTimeout = buildTimeout
        self.program = program
        self.health = health
        self.routes = routes
        self.replicas = replicas
        self.variables = variables
        self.limits = limits
        self.isAccessory = isAccessory
    }
}
