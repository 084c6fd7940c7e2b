// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import FoundationEssentials

extension DeliveryLedger {
    /// Claims an environment for an hour, as the only control plane of a test.
    public func claim(_ environment: EnvironmentKey) async throws -> Lease {
        try await claim(environment, for: "test", at: .now, until: .now.addingTimeInterval(3600))
    }

    /// Writes a change with a lease of its own environment, as the only control plane of a test.
    @discardableResult
    public func write(_ change: DeliveryChange) async throws -> [JournalEntry] {
        let environment =
            change.deployment?.environment ?? change.environment?.key ?? change.release?.environment
        guard let environment else { return [] }
        return try await commit(change, lease: try await claim(environment))
    }
}
