// SPDX-License-Identifier: Apache-2.0

/// A container's own health check, which the engine runs inside of it.
public struct ContainerCheck: Hashable, Sendable, Codable {
    /// What is run: `CMD` and the words of a program, `CMD-SHELL` and a line for a shell, or `NONE`; nil for the image's own.
    public var test: [String]?
    /// Between two runs; the engine's choice (30 s) when nil.
    public var interval: Duration?
    /// How long one may take; 30 s when nil.
    public var timeout: Duration?
    /// How many failures in a row make it unhealthy; 3 when nil.
    public var retries: Int?
    /// How long failures don't count after the start; nothing when nil.
    public var startPeriod: Duration?
    /// Between two runs in that time; the engine's choice when nil.
    ///
    /// Engines before 25 don't know it.
    public var startInterval: Duration?

    /// Describes a check.
    public init(
        test: [String]? = nil,
        interval: Duration? = nil,
        timeout: Duration? = nil,
        retries: Int? = nil,
        startPeriod: Duration? = nil,
        startInterval: Duration? = nil,
    ) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
        self.startInterval = startInterval
    }

    /// Whether the image's own check is switched off.
    public var isOff: Bool { test == ["NONE"] }
}

/// Something that must be there before a container starts.
public struct ContainerDependency: Hashable, Sendable, Codable {
    /// What it must be.
    public enum Condition: String, Hashable, Sendable, Codable, CaseIterable {
        /// It runs.
        case started = "service_started"
        /// It is healthy.
        case healthy = "service_healthy"
        /// It has ended, with success.
        case completed = "service_completed_successfully"
    }

    /// The other service's or accessory's name.
    public var name: String
    /// What it must be.
    public var condition: Condition
    /// Whether it need not be part of the project.
    public var isOptional: Bool

    /// Describes a dependency.
    public init(name: String, condition: Condition = .started, isOptional: Bool = false) {
        self.name = name
        self.condition = condition
        self.isOptional = isOptional
    }
}
