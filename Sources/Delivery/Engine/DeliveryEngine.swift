// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials

/// Takes orders, and drives every environment's deployments one at a time until it is cancelled.
public actor DeliveryEngine {
    let ports: DeliveryPorts
    let settings: DeliverySettings
    let lease: Lease
    let report: @Sendable (EnvironmentKey, Failure) -> Void
    private let wakes: AsyncStream<EnvironmentKey>
    private let wake: AsyncStream<EnvironmentKey>.Continuation
    /// Environments whose lane is being driven; true when it must look once more before it ends.
    private var lanes: [EnvironmentKey: Bool] = [:]
    private var mailboxes: [DeploymentID: Mailbox] = [:]
    /// Deployments that end before they began; nobody else touches them.
    private var ending: Set<DeploymentID> = []

    /// An engine that drives with this lease.
    ///
    /// - Parameters:
    ///   - ports: The outside world.
    ///   - settings: What the installation decides.
    ///   - lease: The right to drive.
    ///   - report: Told when a lane can't be driven, which no deployment's journal can tell.
    public init(
        ports: DeliveryPorts,
        settings: DeliverySettings,
        lease: Lease,
        report: @escaping @Sendable (EnvironmentKey, Failure) -> Void,
    ) {
        self.ports = ports
        self.settings = settings
        self.lease = lease
        self.report = report
        (wakes, wake) = AsyncStream.makeStream()
    }

    /// Brings back what served, resumes what is unfinished, then drives what is asked for.
    ///
    /// Returns when the task is cancelled, leaving every deployment where it is.
    public func run() async throws {
        try await returnAfterReboot()
        for deployment in try await ports.records.unfinishedDeployments() {
            wake.yield(deployment.environment)
        }
        do {
            try await reconcileHeads()
        } catch {
            let everywhere = EnvironmentKey(ProjectName("*"), EnvironmentName("*"))
            report(everywhere, Failure.wrapping(error, doing: "looking for missed pushes"))
        }
        await withDiscardingTaskGroup { group in
            group.addTask(name: "retirement clock") { await self.wakeForRetirement() }
            for await key in wakes where enter(key) {
                group.addTask(name: "lane \(key)") { await self.drive(key) }
            }
            group.cancelAll()
        }
    }

    /// Lets a lane look for work.
    func look(at key: EnvironmentKey) {
        wake.yield(key)
    }

    /// Hands an event to a deployment that is being driven.
    ///
    /// - Throws: `conflict` when it means nothing now, or when nobody drives the deployment.
    func deliver(_ event: DeploymentEvent, approval: Approval? = nil, to id: DeploymentID) async throws {
        guard let mailbox = mailboxes[id] else {
            throw Failure(
                .conflict,
                "nothing drives \(id) at this moment",
                hint: "opshub status, then try again",
            )
        }
        let refusal = await withCheckedContinuation { continuation in
            mailbox.post(
                Mailbox.Letter(event: event, approval: approval) { continuation.resume(returning: $0) }
            )
        }
        if let refusal { throw refusal }
    }

    // MARK: Lanes

    /// Whether the lane was free; one that is being driven looks once more before it ends.
    private func enter(_ key: EnvironmentKey) -> Bool {
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

    private func drive(_ key: EnvironmentKey) async {
        repeat {
            do {
                while let next = try await nextDeployment(of: key) { try await drive(next) }
                try await retireWhenDue(key)
            } catch is CancellationError {
                return
            } catch {
                let failure = Failure.wrapping(error, doing: "driving \(key)")
                report(key, failure)
                guard failure.code != .staleLease else { return }
                // What the state database can't take now it may take later; nothing is lost meanwhile.
                guard (try? await ports.time.sleep(for: .seconds(2))) != nil else { return }
                lanes[key] = true
            }
        } while !leave(key)
    }

    private func drive(_ id: DeploymentID) async throws {
        let mailbox = Mailbox()
        mailboxes[id] = mailbox
        defer {
            mailboxes[id] = nil
            mailbox.close(Failure(.conflict, "\(id) is over"))
        }
        try await DeploymentDriver(ports: ports, settings: settings, lease: lease, mailbox: mailbox).run(id)
    }

    /// The one that has begun, or else the newest; older ones that wait are superseded by it (Invariant 6).
    private func nextDeployment(of key: EnvironmentKey) async throws -> DeploymentID? {
        while true {
            let unfinished = try await ports.records.unfinishedDeployments()
                .filter { $0.environment == key && !ending.contains($0.id) }
            if let begun = unfinished.first(where: { $0.phase != .queued }) { return begun.id }
            guard let newest = unfinished.last else { return nil }
            guard unfinished.count > 1 else { return newest.id }
            for older in unfinished.dropLast() {
                _ = try await end(older.id, by: .superseded(.superseded(by: newest.id)))
            }
        }
    }

    /// Ends a deployment that has not begun.
    ///
    /// - Returns: Whether it did; false when it has begun, or somebody else ends it.
    func end(_ id: DeploymentID, by event: DeploymentEvent) async throws -> Bool {
        guard mailboxes[id] == nil, ending.insert(id).inserted else { return false }
        defer { ending.remove(id) }
        // As it is now: a lane may have driven it to its end since it was looked at.
        guard var ended = try await ports.records.deployment(id), ended.phase == .queued else { return false }
        _ = try ended.machine.apply(event)
        guard let verdict = ended.phase.verdict else { return false }
        ended.concludedAt = ports.time.now
        try await ports.ledger.commit(
            DeliveryChange(deployment: ended, journal: [.ended(verdict)], at: ports.time.now),
            lease: lease,
        )
        return true
    }

    // MARK: Warm releases

    /// Lets the lanes of warm releases look for work when their time has run out, to the nearest two seconds.
    private func wakeForRetirement() async {
        while (try? await ports.time.sleep(for: .seconds(2))) != nil {  // Throws only when cancelled.
            do {
                let due = try await ports.records.environments()
                    .filter { record in
                        record.warmUntil.map { $0 <= ports.time.now } ?? false
                    }
                for record in due { wake.yield(record.key) }
            } catch {
                report(
                    EnvironmentKey(ProjectName("*"), EnvironmentName("*")),
                    Failure.wrapping(error, doing: "looking for warm releases"),
                )
            }
        }
    }

    /// Stops the warm release once its time has run out (Invariant 3).
    private func retireWhenDue(_ key: EnvironmentKey) async throws {
        guard var record = try await ports.records.environment(key), let warm = record.warm,
            let until = record.warmUntil
        else { return }
        // Whoever is connected since before a reload may be answered by it still.
        guard until <= ports.time.now, try await ports.router.isSettled() else { return }
        let observed = try await ports.router.observe(key)
        // The edge decides, not our memory: a slot that has traffic is never stopped.
        guard observed?.split.reaches(warm.slot) != true else {
            throw Failure(
                .conflict,
                "warm release \(warm.release) of \(key) has traffic and was not retired",
            )
        }
        for instance in try await ports.services.instances(of: key) where instance.id.slot == warm.slot {
            try await ports.services.stop(instance.id)
        }
        try await ports.router.clear(warm.slot, of: key)
        (record.warm, record.warmUntil) = (nil, nil)
        try await ports.ledger.commit(DeliveryChange(environment: record, at: ports.time.now), lease: lease)
    }
}

extension Failure {
    /// Why an older deployment ends when a newer one comes.
    static func superseded(by newer: DeploymentID) -> Failure {
        Failure(.conflict, "\(newer) is newer and took its place", hint: "opshub status shows what serves")
    }
}
