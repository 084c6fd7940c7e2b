// SPDX-License-Identifier: Apache-2.0
public import Core

/// What the edge must know of an environment before any release is placed in it.
public struct EdgeEnvironment: Sendable, Hashable, Codable {
    /// The environment.
    public var key: EnvironmentKey
    /// The host name that it answers on the shared public address.
    public var domain: String?
    /// Its services, in order, with how many instances each may have per slot.
    public var services: [EdgeService]

    /// Describes an environment.
    public init(key: EnvironmentKey, domain: String?, services: [EdgeService]) {
        self.key = key
        self.domain = domain
        self.services = services
    }
}

/// What the edge must know of a service.
public struct EdgeService: Sendable, Hashable, Codable {
    /// The service.
    public var name: ServiceName
    /// The loopback port where the edge answers for this service alone.
    public var port: Int?
    /// The most instances that a slot can have.
    public var capacity: Int

    /// Describes a service.
    public init(name: ServiceName, port: Int?, capacity: Int) {
        self.name = name
        self.port = port
        self.capacity = capacity
    }
}
