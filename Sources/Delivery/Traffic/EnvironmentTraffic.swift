// SPDX-License-Identifier: Apache-2.0
public import Core

/// Everything that the edge does for an environment, as it can be told without asking the edge.
public struct EnvironmentTraffic: Sendable, Hashable {
    /// The environment.
    public var environment: EnvironmentKey
    /// Where new requests go.
    public var split: TrafficSplit
    /// What is in its slots.
    public var placements: [SlotPlacement]

    /// Describes an environment's traffic.
    public init(environment: EnvironmentKey, split: TrafficSplit, placements: [SlotPlacement]) {
        self.environment = environment
        self.split = split
        self.placements = placements
    }
}
