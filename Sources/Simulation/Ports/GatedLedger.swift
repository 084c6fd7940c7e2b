// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import TestSupport

/// The store as one control plane reaches it.
struct GatedLedger: DeliveryLedger, DeliveryRecords {
    let gate: Gate

    private var store: InMemoryDeliveryStore { gate.run.store }

    func claim(
        _ environment: EnvironmentKey,
        for holder: String,
        at now: Date,
        until: Date,
    ) async throws -> Lease {
        try await gate.pass("claim") {
            let lease = try await store.claim(environment, for: holder, at: now, until: until)
            gate.run.watch.claimed(lease)
            return lease
        }
    }

    func renew(_ lease: Lease, until: Date) async throws {
        try await gate.ask { try await store.renew(lease, until: until) }
    }

    func release(_ lease: Lease) async throws {
        try await gate.pass("release") { try await store.release(lease) }
    }

    func number(_ sequence: NumberSequence) async throws -> Int {
        try await gate.pass("number") { try await store.number(sequence) }
    }

    func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry] {
        try await gate.pass("commit \(Self.words(change))") {
            let written = try await store.commit(change, lease: lease)
            gate.run.watch.wrote(with: lease)
            gate.run.watch.committed(change, gate.run)
            return written
        }
    }

    func order(_ change: DeliveryChange) async throws -> [JournalEntry] {
        try await gate.pass("order \(Self.words(change))") {
            let written = try await store.order(change)
            gate.run.watch.committed(change, gate.run)
            return written
        }
    }

    func makeRoom() async {}

    func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws {
        try await gate.ask {
            guard !gate.run.isMute() else { throw Failure(.diskFull, Self.muteJournal) }
            try await store.tell(event, of: deployment, at: at, lease: lease)
        }
    }

    /// What a journal says that takes no line.
    static let muteJournal = "there is no room for a line"

    private static func words(_ change: DeliveryChange) -> String {
        let deployment = change.deployment.map { "\($0.id) \($0.isOver ? "over" : "\($0.phase)".prefix(48))" }
        return [
            deployment, change.environment.map { "serving \($0.serving?.release.rawValue ?? "nothing")" },
        ]
        .compactMap(\.self).joined(separator: ", ")
    }

    // MARK: Records

    func deployment(_ id: DeploymentID) async throws -> Deployment? {
        try await gate.ask { try await store.deployment(id) }
    }

    func deployments(of environment: EnvironmentKey?, limit: Int) async throws -> [Deployment] {
        try await gate.ask { try await store.deployments(of: environment, limit: limit) }
    }

    func unfinishedDeployments() async throws -> [Deployment] {
        try await gate.ask { try await store.unfinishedDeployments() }
    }

    func journal(
        of deployment: DeploymentID,
        after sequence: Int,
        limit: Int,
    ) async throws -> [JournalEntry] {
        try await gate.ask { try await store.journal(of: deployment, after: sequence, limit: limit) }
    }

    func release(_ id: ReleaseID) async throws -> Release? {
        try await gate.ask { try await store.release(id) }
    }

    func releases(of environment: EnvironmentKey, limit: Int) async throws -> [Release] {
        try await gate.ask { try await store.releases(of: environment, limit: limit) }
    }

    func environment(_ key: EnvironmentKey) async throws -> EnvironmentRecord? {
        try await gate.ask { try await store.environment(key) }
    }

    func environments() async throws -> [EnvironmentRecord] {
        try await gate.ask { try await store.environments() }
    }
}

/// One lock for each environment, which goes with the control plane that has it.
struct SimulatedLocks: EnvironmentLocks {
    let gate: Gate

    func hold(_ environment: EnvironmentKey, _ body: @Sendable () async throws -> Void) async throws {
        let (run, plane) = (gate.run, gate.plane)
        while !run.lock(for: plane) {
            try await run.clock.sleep(for: .seconds(1), owner: plane.number)
        }
        defer { run.unlock(for: plane) }
        try await gate.pass("locked") {}
        try await body()
    }
}
