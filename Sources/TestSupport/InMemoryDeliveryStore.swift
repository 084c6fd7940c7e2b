// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import FoundationEssentials
import Synchronization

/// A ledger and its records in memory, held to the same contract as the real one.
public final class InMemoryDeliveryStore: DeliveryLedger, DeliveryRecords {
    private struct State {
        var leases: [EnvironmentKey: (lease: Lease, isFree: Bool)] = [:]
        var numbers: [NumberSequence: Int] = [:]
        var releases: [ReleaseID: Release] = [:]
        var deployments: [DeploymentID: Deployment] = [:]
        var environments: [EnvironmentKey: EnvironmentRecord] = [:]
        var journal: [DeploymentID: [JournalEntry]] = [:]
    }

    private let state = Mutex(State())

    /// An empty store.
    public init() {}

    /// Every deployment, in no particular order.
    public var deployments: [Deployment] { state.withLock { Array($0.deployments.values) } }

    /// Every release, in no particular order.
    public var releases: [Release] { state.withLock { Array($0.releases.values) } }

    /// Who serves an environment.
    public func record(of key: EnvironmentKey) -> EnvironmentRecord? {
        state.withLock { $0.environments[key] }
    }

    /// A deployment's whole journal.
    public func journal(of id: DeploymentID) -> [JournalEntry] { state.withLock { $0.journal[id] ?? [] } }

    /// Takes the right to drive an environment.
    public func claim(
        _ environment: EnvironmentKey,
        for holder: String,
        at now: Date,
        until: Date,
    ) async throws -> Lease {
        try state.withLock { state in
            let last = state.leases[environment]
            if let last, !last.isFree, last.lease.holder != holder, last.lease.until > now {
                throw Failure.held(last.lease)
            }
            let token = (last?.lease.token ?? 0) + 1
            let lease = Lease(environment: environment, token: token, holder: holder, until: until)
            state.leases[environment] = (lease, false)
            return lease
        }
    }

    /// Says that the holder lives.
    public func renew(_ lease: Lease, until: Date) async throws {
        try state.withLock { state in
            try Self.check(lease, state)
            state.leases[lease.environment]?.lease.until = until
        }
    }

    /// Gives a lease back.
    public func release(_ lease: Lease) async throws {
        state.withLock { state in
            guard state.leases[lease.environment]?.lease.token == lease.token else { return }
            state.leases[lease.environment]?.isFree = true
        }
    }

    /// The next number of a sequence.
    public func number(_ sequence: NumberSequence) async throws -> Int {
        state.withLock { state in
            state.numbers[sequence, default: 0] += 1
            return state.numbers[sequence, default: 0]
        }
    }

    /// Writes a change at once.
    @discardableResult
    public func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry] {
        try change.check(against: lease)
        return try state.withLock { state in
            try Self.check(lease, state)
            if let id = change.deployment?.id, state.deployments[id]?.isOver == true {
                throw Failure.notWaiting(id)
            }
            if let release = change.release {
                try change.checkRetirement(
                    stored: state.releases[release.id],
                    unfinished: Self.unfinished(state),
                )
                state.releases[release.id] = release
            }
            if let environment = change.environment { state.environments[environment.key] = environment }
            return Self.write(change, &state)
        }
    }

    /// Writes a deployment that nobody drives.
    @discardableResult
    public func order(_ change: DeliveryChange) async throws -> [JournalEntry] {
        try state.withLock { state in
            if let id = change.deployment?.id, let stored = state.deployments[id],
                stored.isOver || stored.phase != .queued
            {
                throw Failure.notWaiting(id)
            }
            if let deployment = change.deployment {
                try change.checkOrder(
                    stored: state.releases[deployment.release],
                    unfinished: Self.unfinished(state),
                )
            }
            if let release = change.release, state.releases[release.id] == nil {
                state.releases[release.id] = release
            }
            if let environment = change.environment, state.environments[environment.key] == nil {
                state.environments[environment.key] = environment
            }
            return Self.write(change, &state)
        }
    }

    private static func unfinished(_ state: State) -> [Deployment] {
        state.deployments.values.filter { !$0.isOver }
            .sorted { number($0.id.rawValue) < number($1.id.rawValue) }
    }

    /// Nothing is kept aside.
    public func makeRoom() async {}

    /// Adds one line to a journal.
    public func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws
    {
        try state.withLock { state in
            try Self.check(lease, state)
            _ = Self.append(event, to: deployment, at: at, &state)
        }
    }

    /// One deployment.
    public func deployment(_ id: DeploymentID) async throws -> Deployment? {
        state.withLock { $0.deployments[id] }
    }

    /// Newest first.
    public func deployments(of environment: EnvironmentKey?, limit: Int) async throws -> [Deployment] {
        let all = state.withLock { Array($0.deployments.values) }
        return Array(
            all.filter { environment == nil || $0.environment == environment }
                .sorted { Self.number($0.id.rawValue) > Self.number($1.id.rawValue) }
                .prefix(limit)
        )
    }

    /// Oldest first.
    public func unfinishedDeployments() async throws -> [Deployment] {
        state.withLock { Self.unfinished($0) }
    }

    /// A journal after a line.
    public func journal(
        of deployment: DeploymentID,
        after sequence: Int,
        limit: Int,
    ) async throws -> [JournalEntry] {
        let all = state.withLock { $0.journal[deployment] ?? [] }
        return Array(all.filter { $0.sequence > sequence }.prefix(limit))
    }

    /// One release.
    public func release(_ id: ReleaseID) async throws -> Release? {
        state.withLock { $0.releases[id] }
    }

    /// Newest first.
    public func releases(of environment: EnvironmentKey, limit: Int) async throws -> [Release] {
        let all = state.withLock { Array($0.releases.values) }
        return Array(
            all.filter { $0.environment == environment }
                .sorted { Self.number($0.id.rawValue) > Self.number($1.id.rawValue) }
                .prefix(limit)
        )
    }

    /// One environment.
    public func environment(_ key: EnvironmentKey) async throws -> EnvironmentRecord? {
        state.withLock { $0.environments[key] }
    }

    /// All environments, in order.
    public func environments() async throws -> [EnvironmentRecord] {
        state.withLock { Array($0.environments.values) }.sorted { $0.key < $1.key }
    }

    private static func check(_ lease: Lease, _ state: State) throws(Failure) {
        let current = state.leases[lease.environment]?.lease.token ?? 0
        guard lease.token == current else { throw Failure.stale(lease, current: current) }
    }

    private static func write(_ change: DeliveryChange, _ state: inout State) -> [JournalEntry] {
        guard let deployment = change.deployment else { return [] }
        state.deployments[deployment.id] = deployment
        return change.journal.map { append($0, to: deployment.id, at: change.at, &state) }
    }

    private static func append(
        _ event: JournalEvent,
        to deployment: DeploymentID,
        at: Date,
        _ state: inout State,
    ) -> JournalEntry {
        let entry = JournalEntry(
            sequence: (state.journal[deployment]?.count ?? 0) + 1,
            at: at,
            event: event,
        )
        state.journal[deployment, default: []].append(entry)
        return entry
    }

    private static func number(_ name: String) -> Int { Int(name.drop { !$0.isNumber }) ?? 0 }
}
