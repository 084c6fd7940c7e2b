// SPDX-License-Identifier: Apache-2.0

/// Requests that an environment's slots have answered since the edge's process started.
public struct TrafficCounters: Sendable, Hashable, Codable {
    /// One slot's totals.
    public struct Totals: Sendable, Hashable, Codable {
        /// Requests answered, whatever the status.
        public var served: Int
        /// Of those: 5xx, and those that got no answer (connection refused or reset, time out).
        public var failed: Int

        /// Describes totals.
        public init(served: Int = 0, failed: Int = 0) {
            self.served = served
            self.failed = failed
        }

        /// The share of failed requests, 0…1; nil without requests.
        public var errorRate: Double? { served > 0 ? Double(failed) / Double(served) : nil }
    }

    /// Differs after the edge's process was replaced, when counting begins again at 0.
    public var epoch: String
    /// By slot.
    public var slots: [Slot: Totals]

    /// Describes counters.
    public init(epoch: String, slots: [Slot: Totals]) {
        self.epoch = epoch
        self.slots = slots
    }

    /// What was added since `earlier`.
    ///
    /// After a replaced process: everything the new one counted.
    public func since(_ earlier: TrafficCounters?) -> [Slot: Totals] {
        guard let earlier, earlier.epoch == epoch else { return slots }
        return slots.reduce(into: [:]) { result, slot in
            let before = earlier.slots[slot.key] ?? Totals()
            result[slot.key] = Totals(
                served: max(0, slot.value.served - before.served),
                failed: max(0, slot.value.failed - before.failed),
            )
        }
    }
}
