// SPDX-License-Identifier: Apache-2.0
import Delivery
import FoundationEssentials
import Server

/// A ledger that wakes followers of journals, as the real one is told to.
struct TellingLedger: DeliveryLedger {
    let ledger: any DeliveryLedger
    let feed: JournalFeed

    func takeLease() async throws -> Lease { try await ledger.takeLease() }

    func number(_ sequence: NumberSequence) async throws -> Int { try await ledger.number(sequence) }

    func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry] {
        let written = try await ledger.commit(change, lease: lease)
        if let deployment = change.deployment { feed.wake(deployment.id) }
        return written
    }

    func makeRoom() async { await ledger.makeRoom() }

    func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws {
        try await ledger.tell(event, of: deployment, at: at, lease: lease)
        feed.wake(deployment)
    }
}
