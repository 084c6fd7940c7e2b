// SPDX-License-Identifier: Apache-2.0
import Manifest
import Synchronization
import Core
import Delivery
import FoundationEssentials
import TestSupport

extension Watch {
    /// Looks at what was written, as soon as it is.
    func committed(_ change: DeliveryChange, _ run: Run) {
        if let record = change.environment, record.serving != nil {
            state.withLock { $0.hasServed = true }
        }
        if let record = change.environment { keepsPromise(record, run) }
        guard let deployment = change.deployment else { return }
        checkOneDrives(run)
        checkApproval(deployment)
        switch deployment.phase {
        case .performing(_, _, let progress) where progress.hasSwitched:
            state.withLock { _ = $0.switched.insert(deployment.id) }
        case .undoing(_, _, _, let verdict) where verdict.outcome == .superseded:
            if state.withLock({ $0.switched.contains(deployment.id) }) {
                report(6, "\(deployment.id) has switched and is superseded")
            }
        case .ended(let verdict) where deployment.isOver:
            checkVerdict(verdict, deployment, run)
        default: break
        }
    }

    /// A warm release is given up by writing down that its time is over, and that only once it is.
    private func keepsPromise(_ record: EnvironmentRecord, _ run: Run) {
        let now = run.clock.now
        if record.warmUntil == .distantPast, let (warm, until) = state.withLock(\.warm), until > now {
            report(3, "\(warm.release) is given up \(until) although it was to be kept warm")
        }
        state.withLock { state in
            if let warm = record.warm, let until = record.warmUntil, until != .distantPast {
                state.warm = (warm, until)
            } else {
                state.warm = nil
            }
        }
    }

    func claimed(_ lease: Lease) { state.withLock { $0.token = max($0.token, lease.token) } }

    func wrote(with lease: Lease) {
        let token = state.withLock(\.token)
        if lease.token < token {
            report(6, "something was written with lease \(lease.token) after \(token) was given")
        }
    }

    /// Invariant 6.
    private func checkOneDrives(_ run: Run) {
        let driven = run.store.deployments.filter { !$0.isOver && $0.phase != .queued }
        guard driven.count > 1 else { return }
        report(6, "\(driven.map(\.id.rawValue).sorted().joined(separator: " and ")) drive at the same time")
    }

    /// Invariant 9.
    private func checkApproval(_ deployment: Deployment) {
        guard shape.needsApproval, deployment.kind == .release, let plan = deployment.plan,
            case .performing(let step, _, _) = deployment.phase
        else { return }
        let people = Set(deployment.approvals.filter { $0.digest == plan.digest }.map(\.by))
        guard people.count >= shape.approvals, !people.contains(deployment.requester.name) else {
            return report(
                9,
                "\(deployment.id) is at the \(step), and \(people.sorted()) have approved its plan",
            )
        }
    }

    private func checkVerdict(_ verdict: Verdict, _ deployment: Deployment, _ run: Run) {
        if let failure = verdict.failure, "\(failure)".contains(GatedLedger.muteJournal) {
            report(5, "\(deployment.id) failed because of a line in its journal")
        }
        guard verdict.outcome == .succeeded, !deployment.kind.keepsRelease else { return }
        let (holding, seen, asked) = state.withLock { ($0.holding, $0.seen, $0.asked) }
        guard let holding, holding.slot == deployment.slot else {
            return report(7, "\(deployment.id) has succeeded, and its slot has not all traffic")
        }
        if run.clock.uptime - holding.since < shape.window {
            report(
                3,
                "\(deployment.id) has succeeded \((run.clock.uptime - holding.since).briefly) after its switch",
            )
        }
        if asked == 0 { report(3, "\(deployment.id) has succeeded without a check from outside") }
        if seen < run.minRequests, !run.wasAccepted(deployment.id) {
            report(13, "\(deployment.id) has succeeded on \(seen) requests and probes")
        }
        checkPlacement(of: deployment, run)
    }

    /// Invariant 10: what serves is that release and nothing else.
    private func checkPlacement(of deployment: Deployment, _ run: Run) {
        guard let slot = deployment.slot, let placement = run.world.now.placements[Run.key]?[slot],
            let release = run.store.releases.first(where: { $0.id == deployment.release })
        else { return report(10, "\(deployment.id) has succeeded, and the edge knows nothing of it") }
        let instances = run.world.now.instances.values.filter { $0.id.slot == slot }
        guard placement.release == release.id, instances.allSatisfy({ $0.release == release.id }),
            placement.domain == release.manifest.environments.first?.domain
        else {
            return report(
                10,
                "\(deployment.id) has succeeded, and something of another release serves with it",
            )
        }
    }

    // MARK: In the end

    /// Invariants 7 and 8, once nothing is left to do.
    func atRest(_ run: Run) {
        let facts = run.world.now
        let record = run.store.record(of: Run.key)
        for id in state.withLock(\.promised)
        where run.store.deployments.first(where: { $0.id == id })?.isOver != true {
            report(7, "\(id) was promised and has no verdict")
        }
        if !run.headIsTried() { report(7, "the last push was never deployed") }
        checkDatabases(run)
        checkSchema(run)
        let split = facts.split[Run.key] ?? .none
        guard let serving = record?.serving else {
            if split != .none { report(7, "nothing serves by the records, and traffic goes to \(split)") }
            if !facts.instances.isEmpty { report(7, "nothing serves, and instances run") }
            return
        }
        if split != .all(serving.slot) {
            report(7, "\(serving.release) serves in \(serving.slot), and traffic goes to \(split)")
        }
        let kept = [serving, record?.warm].compactMap(\.self)
        for instance in facts.instances.values
        where !kept.contains(where: { $0.slot == instance.id.slot && $0.release == instance.release }) {
            report(7, "\(instance.id) of \(instance.release) runs, and nobody needs it")
        }
        for placement in kept {
            let count = facts.instances.values.count { $0.id.slot == placement.slot }
            if count != shape.replicas {
                report(7, "\(placement.release) has \(count) instances of \(shape.replicas)")
            }
            if placement.slot == serving.slot, run.isLackingInstances {
                report(7, "an instance of \(placement.release), which serves, does not run")
            }
        }
        for slot in facts.placements[Run.key, default: [:]].keys
        where !kept.contains(where: { $0.slot == slot }) {
            report(7, "the edge still knows what was in \(slot)")
        }
        checkJournals(run)
    }

    /// The database is one of the two, whole and open, and nothing of a restore is left but what it has replaced.
    private func checkDatabases(_ run: Run) {
        let facts = run.world.now
        if facts.isShut { report(7, "nobody gets into the database, and nothing is under way") }
        var expected = ["tracehub": "present"]
        for deployment in run.store.deployments.sorted(by: { $0.requestedAt < $1.requestedAt })
        where deployment.restoration != nil && deployment.phase.verdict?.outcome == .succeeded {
            expected["kept by \(deployment.id)"] = expected["tracehub"]
            expected["tracehub"] = "b7"
        }
        if Set(facts.databases.keys) != Set(expected.keys)
            || facts.databases["tracehub"] != expected["tracehub"]
        {
            report(7, "there should be the databases \(expected), and there are \(facts.databases)")
        }
    }

    /// What was taken back for nothing is there again.
    private func checkSchema(_ run: Run) {
        let last = run.store.deployments.filter { $0.schema?.direction == .down && $0.begunAt != nil }
            .max { $0.requestedAt < $1.requestedAt }
        guard let last, last.phase.verdict?.outcome != .succeeded, let change = last.schema else { return }
        if last.reverted != nil || !change.migrations.allSatisfy({ run.database.has($0) }) {
            report(7, "\(last.id) has failed, and \(change.migrations.map(\.revision)) are gone")
        }
    }

    private func checkJournals(_ run: Run) {
        for deployment in run.store.deployments {
            let journal = run.store.journal(of: deployment.id)
            // Drift is told in the journal of the deployment that brought what has drifted, long after its end.
            let last = journal.last { entry in
                switch entry.event {
                case .drifted, .healed: false
                default: true
                }
            }
            guard case .requested? = journal.first?.event, case .ended? = last?.event else {
                return report(7, "the journal of \(deployment.id) is not complete")
            }
            let failure = deployment.phase.verdict?.failure
            guard failure?.evidence.contains(where: { $0.contains(Run.secret) }) != true else {
                return report(8, "the verdict of \(deployment.id) tells the database's password")
            }
        }
    }
}
