// SPDX-License-Identifier: Apache-2.0

/// What the running edge does for an environment.
public struct ObservedTraffic: Sendable, Hashable, Codable {
    /// Where new requests go.
    public var split: TrafficSplit
    /// Requests that each slot is answering right now.
    public var inFlight: [Slot: Int]
    /// What is placed in each slot, as the edge has it: loopback ports of enabled instances.
    public var ports: [Slot: Set<Int>]
    /// Loopback ports where the edge answers for one service of the environment alone.
    public var listens: Set<Int>

    /// Describes what was observed.
    public init(split: TrafficSplit, inFlight: [Slot: Int], ports: [Slot: Set<Int>], listens: Set<Int>) {
        self.split = split
        self.inFlight = inFlight
        self.ports = ports
        self.listens = listens
    }
}
