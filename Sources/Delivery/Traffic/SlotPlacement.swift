// SPDX-License-Identifier: Apache-2.0
public import Core

/// Where a slot's instances listen, and which paths go to which service.
public struct SlotPlacement: Sendable, Hashable, Codable {
    /// The environment.
    public var environment: EnvironmentKey
    /// The slot.
    public var slot: Slot
    /// The release in the slot; shown in access logs.
    public var release: ReleaseID
    /// Loopback ports of each service's instances, by replica.
    public var instances: [ServiceName: [Int]]
    /// The service of each path prefix.
    ///
    /// The longest prefix wins; `/api` covers `/api` and `/api/…`, not `/apix`.
    public var routes: [String: ServiceName]

    /// Describes a placement.
    public init(
        environment: EnvironmentKey,
        slot: Slot,
        release: ReleaseID,
        instances: [ServiceName: [Int]],
        routes: [String: ServiceName],
    ) {
        self.environment = environment
        self.slot = slot
        self.release = release
        self.instances = instances
        self.routes = routes
    }
}
