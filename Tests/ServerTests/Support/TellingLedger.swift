// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Server

/// A ledger that wakes followers of journals, as the real one is told to.
struct TellingLedger: DeliveryLedger {
    let ledger: any DeliveryLedger
    let feed: JournalFeed

    func claim(
        _ environment: EnvironmentKey,
        for holder: String,
        at now: Date,
        until: Date,
    ) async throws -> Lease {
        try await ledger.claim(environment, for: holder, at: now, until: until)
    }

    func renew(_ lease: Lease, until: Date) async throws { try await ledger.renew(lease, until: until) }

    func release(_ lease: Lease) async throws { try await ledger.release(lease) }

    func number(_ sequence: NumberSequence) async throws -> Int { try await ledger.number(sequence) }

    func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry] {
        let written = try await ledger.commit(change, lease: lease)
        if let deployment = change.deployment { feed.wake(deployment.id) }
        return written
    }

    func order(_ change: DeliveryChange) async throws -> [JournalEntry] {
        let written = try await ledger.order(change)
        if let deployment = change.deployment { feed.wake(deployment.id) }
        return written
    }

    func makeRoom() async { await ledger.makeRoom() }

    func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws {
        try await ledger.tell(event, of: deployment, at: at, lease: lease)
        feed.wake(deployment)
    }
}
