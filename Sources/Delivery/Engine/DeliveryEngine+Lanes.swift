// SPDX-License-Identifier: Apache-2.0
import Core
public import FoundationEssentials

/// A lane drives one environment's deployments, one after another.
extension DeliveryEngine {
    /// Whether the lane was free; one that is being driven looks once more before it ends.
    func enter(_ key: EnvironmentKey) -> Bool {
        guard lanes[key] == nil else {
            lanes[key] = true
            return false
        }
        lanes[key] = false
        return true
    }

    private func leave(_ key: EnvironmentKey) -> Bool {
        guard lanes[key] == true, !Task.isCancelled else {
            lanes[key] = nil
            return true
        }
        lanes[key] = false
        return false
    }

    func drive(_ key: EnvironmentKey) async {
        repeat {
            do {
                guard try await hasWork(key) else { continue }
                try await holding(key) { lease in
                    if await self.unreturned[key] != nil { try await self.bringBack(key, lease) }
                    while let next = try await self.nextDeployment(of: key) {
                        let wasBegun = try await self.ports.records.deployment(next)?.phase != .queued
                        try await self.drive(next, lease)
                        // The machine may have gone down after the verdict, and before it was written down who serves.
                        if wasBegun { try await self.bringBack(key, lease) }
                    }
                    // First: traffic that somebody has sent to a release that is due to go comes back.
                    await self.attendOrTell(key, lease)
                    try await self.retireWhenDue(key, lease)
                    try await self.removeReleases(of: key, lease)
                }
            } catch is CancellationError {
                lanes[key] = nil
                return
            } catch {
                let failure = Failure.wrapping(error, doing: "driving \(key)")
                // Somebody else drives it, and does so well; if not, the lease will run out.
                if failure.code != .leaseHeld { report(key, failure) }
                // What can't be done now may be later; nothing is lost meanwhile.
                guard (try? await ports.time.sleep(for: .seconds(2))) != nil else { return }
                lanes[key] = true
            }
        } while !leave(key)
    }

    private func hasWork(_ key: EnvironmentKey) async throws -> Bool {
        if try await ports.records.unfinishedDeployments().contains(where: { $0.environment == key }) {
            return true
        }
        if hasDrift(in: key) || pruning[key]?.isEmpty == false || unreturned[key] != nil { return true }
        return try await ports.records.environment(key)?.mayRetire(at: ports.time.now) == true
    }

    private func drive(_ id: DeploymentID, _ lease: Lease) async throws {
        let mailbox = Mailbox()
        mailboxes[id] = mailbox
        defer {
            mailboxes[id] = nil
            mailbox.close(Failure(.conflict, "\(id) is over"))
        }
        let driver = DeploymentDriver(
            ports: ports,
            settings: settings,
            lease: lease,
            mailbox: mailbox,
            whileWaiting: { [self] in await attendOrTell($0, lease) },
        )
        try await driver.run(id)
    }

    /// The one that has begun, or else a restore, or else the newest; older ones that wait are superseded by it (Invariant 6).
    private func nextDeployment(of key: EnvironmentKey) async throws -> DeploymentID? {
        while true {
            let unfinished = try await ports.records.unfinishedDeployments()
                .filter { $0.environment == key }
            if let begun = unfinished.first(where: { $0.phase != .queued }) { return begun.id }
            if let restore = unfinished.first(where: \.kind.keepsRelease) { return restore.id }
            guard let newest = unfinished.last else { return nil }
            guard unfinished.count > 1 else { return newest.id }
            for older in unfinished.dropLast() {
                _ = try await end(older.id, by: .superseded(.superseded(by: newest.id)))
            }
        }
    }

    /// Ends a deployment that has not begun.
    ///
    /// - Returns: Whether it did; false when it has begun or is over.
    func end(_ id: DeploymentID, by event: DeploymentEvent) async throws -> Bool {
        guard var ended = try await ports.records.deployment(id), ended.phase == .queued else { return false }
        _ = try ended.machine.apply(event)
        guard let verdict = ended.phase.verdict else { return false }
        ended.concludedAt = ports.time.now
        do {
            try await ports.ledger.order(
                DeliveryChange(deployment: ended, journal: [.ended(verdict)], at: ports.time.now)
            )
            return true
        } catch let failure as Failure where failure.code == .conflict {
            return false
        }
    }

    // MARK: Leases

    /// Runs `body` as the only one that acts on an environment, anywhere, and says all the while that it lives.
    ///
    /// - Throws: `lease-held` when another control plane drives the environment, `stale-lease` when one has taken over.
    func holding(
        _ key: EnvironmentKey,
        _ body: @escaping @Sendable (Lease) async throws -> Void,
    ) async throws {
        let (ledger, time, term) = (ports.ledger, ports.time, settings.leaseTerm)
        let begin = time.now
        // Claimed before the lock is waited for: who has the lock and lost the lease learns of it by that, and lets go.
        let lease = try await ledger.claim(
            key,
            for: settings.holder,
            at: begin,
            until: begin.addingTimeInterval(term.inSeconds),
        )
        let locks = ports.locks
        try await withThrowingTaskGroup { group in
            group.addTask(name: "heartbeat of \(key)") {
                while true {
                    try await time.sleep(for: term / 3)
                    do {
                        try await ledger.renew(lease, until: time.now.addingTimeInterval(term.inSeconds))
                    } catch let failure as Failure where failure.code != .staleLease {
                        // Tried again in time; if it stays away, no write of this lease goes through either.
                        continue
                    }
                }
            }
            group.addTask(name: "work on \(key)") { try await locks.hold(key) { try await body(lease) } }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
        try await ledger.release(lease)
    }

    // MARK: Warm releases

    /// Every two seconds, lets the lanes look for work whose environment has some: what could not be started again, a warm
    /// release whose time has run out, an order that another control plane took, or one whose answer was lost after it had been written down.
    func wakeLanes() async {
        while (try? await ports.time.sleep(for: .seconds(2))) != nil {  // Throws only when cancelled.
            for key in unreturned.keys { look(at: key) }
            do {
                for record in try await ports.records.environments()
                where record.mayRetire(at: ports.time.now) { look(at: record.key) }
                for deployment in try await ports.records.unfinishedDeployments()
                where mailboxes[deployment.id] == nil { look(at: deployment.environment) }
            } catch {
                report(.everywhere, Failure.wrapping(error, doing: "looking for work"))
            }
        }
    }

    /// Stops the warm release once its time has run out (Invariant 3).
    private func retireWhenDue(_ key: EnvironmentKey, _ lease: Lease) async throws {
        guard let record = try await ports.records.environment(key), record.mayRetire(at: ports.time.now),
            let warm = record.warm
        else { return }
        // Whoever is connected since before a reload may be answered by it still.
        guard try await ports.router.isSettled() else { return }
        _ = try await retire(warm, record, lease)
    }

    /// Ends everything of a warm release, then writes down that there is none.
    ///
    /// - Returns: The record as it was written.
    func retire(
        _ warm: Placement,
        _ record: EnvironmentRecord,
        _ lease: Lease,
    ) async throws -> EnvironmentRecord {
        let key = record.key
        let observed = try await ports.router.observe(key)
        // The edge decides, not our memory: a slot that has traffic is never stopped.
        guard observed?.split.reaches(warm.slot) != true else {
            throw Failure(
                .conflict,
                "warm release \(warm.release) of \(key) has traffic and was not retired",
            )
        }
        var record = record
        if record.warmUntil != .distantPast {
            // Whatever the clock says later: what is cut short in the middle is no warm release, and is gone on with.
            record.warmUntil = .distantPast
            try await ports.ledger.commit(
                DeliveryChange(environment: record, at: ports.time.now),
                lease: lease,
            )
        }
        for instance in try await ports.services.instances(of: key) where instance.id.slot == warm.slot {
            try await ports.services.stop(instance.id)
        }
        try await ports.router.clear(warm.slot, of: key)
        (record.warm, record.warmUntil) = (nil, nil)
        try await ports.ledger.commit(DeliveryChange(environment: record, at: ports.time.now), lease: lease)
        return record
    }
}

extension EnvironmentRecord {
    /// Whether the warm release has been kept for as long as it should.
    public func mayRetire(at now: Date) -> Bool { warm != nil && warmUntil.map { $0 <= now } == true }
}
