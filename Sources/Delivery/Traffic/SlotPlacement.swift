// SPDX-License-Identifier: Apache-2.0
public import Core

/// Everything that a release needs of the edge: where its instances listen, and which addresses lead to them.
///
/// Its addresses are answered only while it has traffic.
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
    /// The host name that the release answers on the shared public address.
    public var domain: String?
    /// Whether clients stay with the release that answered them first while two share the traffic.
    public var isSticky: Bool
    /// Loopback ports where the edge answers for one service alone.
    public var ports: [ServiceName: Int]

    /// Describes a placement.
    public init(
        environment: EnvironmentKey,
        slot: Slot,
        release: ReleaseID,
        instances: [ServiceName: [Int]],
        routes: [String: ServiceName],
        domain: String?,
        isSticky: Bool = false,
        ports: [ServiceName: Int] = [:],
    ) {
        self.environment = environment
        self.slot = slot
        self.release = release
        self.instances = instances
        self.routes = routes
        self.domain = domain
        self.isSticky = isSticky
        self.ports = ports
    }
}
