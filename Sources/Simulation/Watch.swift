// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Synchronization
import TestSupport

/// Sees everything that reaches the world and the store, and says which invariant it breaks.
///
/// The numbers are those of docs/INVARIANTS.md.
final class Watch: Sendable {
    struct State {
        var violation: Violation?
        /// Healthy answers in a row since an instance was started.
        var healthy: [InstanceID: Int] = [:]
        /// Since when a slot has had all traffic; nil when none has.
        var holding: (slot: Slot, since: Duration)?
        /// What was seen of the slot since it got all traffic: requests and probes.
        var seen = 0
        /// Checks through the public address since then.
        var asked = 0
        /// Whether the environment has ever served.
        var hasServed = false
        /// Until when a warm release was to be kept, as it was last written down; nil when there is none, or its time is over.
        var warm: (placement: Placement, until: Date)?
        /// Deployments whose release has had all traffic.
        var switched: Set<DeploymentID> = []
        /// Deployments that have a proven backup.
        var drilled: Set<DeploymentID> = []
        /// Who is at work on the database.
        var onDatabase: [String] = []
        /// The last lease that was given.
        var token = 0
        /// Deployments that somebody was promised.
        var promised: Set<DeploymentID> = []
        /// Commits that were pushed, in order.
        var pushed: [CommitID] = []
    }

    let shape: Shape
    let state = Mutex(State())

    init(_ shape: Shape) {
        self.shape = shape
    }

    var violation: Violation? { state.withLock(\.violation) }

    /// Keeps the first one: what follows may only follow from it.
    func report(_ invariant: Int, _ text: String) {
        state.withLock { state in
            if state.violation == nil { state.violation = Violation(invariant: invariant, text: text) }
        }
    }

    func promise(_ deployment: DeploymentID) { state.withLock { _ = $0.promised.insert(deployment) } }

    func pushed(_ commit: CommitID) { state.withLock { $0.pushed.append(commit) } }

    // MARK: Services

    func started(_ id: InstanceID, _ run: Run) {
        state.withLock { $0.healthy[id] = 0 }
        let release = run.world.now.instances[id]?.release
        if run.store.releases.contains(where: { $0.id == release && $0.retiredAt != nil }) {
            report(11, "\(id) is started from a release whose files are gone")
        }
        if split(run).reaches(id.slot) {
            report(2, "\(id) was replaced while its slot had traffic")
        }
    }

    /// An instance may end when nobody is sent to it and nobody counts on it.
    func willStop(_ id: InstanceID, _ run: Run) {
        guard let instance = run.world.now.instances[id] else { return }
        let split = split(run)
        if split.reaches(id.slot) {
            report(2, "\(id) of \(instance.release) is stopped while its slot has traffic (\(split))")
        }
        guard let record = run.store.record(of: Run.key) else { return }
        if let serving = record.serving, serving.slot == id.slot, serving.release == instance.release {
            report(3, "\(id) of \(serving.release) is stopped, which serves until another has its verdict")
        }
        if let (warm, until) = state.withLock(\.warm), warm.slot == id.slot,
            warm.release == instance.release, until > run.clock.now
        {
            report(3, "\(id) of \(warm.release) is stopped \(until) although it was to be kept warm")
        }
    }

    /// What somebody counts on keeps its files (Invariant 11).
    func willDiscard(_ release: ReleaseID, _ run: Run) {
        let record = run.store.record(of: Run.key)
        let driven = run.store.deployments.filter { !$0.isOver }
        if [record?.serving?.release, record?.warm?.release].contains(release) {
            report(11, "the files of \(release) are removed, which serves or is warm")
        }
        if driven.contains(where: { $0.outgoing?.release == release }) {
            report(11, "the files of \(release) are removed, which a deployment may return to")
        }
        if run.world.now.instances.values.contains(where: { $0.release == release }) {
            report(11, "the files of \(release) are removed, which runs")
        }
    }

    func answered(_ id: InstanceID, isHealthy: Bool, _ run: Run) {
        state.withLock { state in
            state.healthy[id] = isHealthy ? (state.healthy[id] ?? 0) + 1 : min(0, state.healthy[id] ?? 0)
        }
        counted(id)
    }

    /// Whoever judges by probes counts this one.
    func counted(_ id: InstanceID) {
        state.withLock { if $0.holding?.slot == id.slot { $0.seen += 1 } }
    }

    // MARK: The edge

    private func split(_ run: Run) -> TrafficSplit { run.world.now.split[Run.key] ?? .none }

    func willChange(_ slot: Slot, _ what: String, _ run: Run) {
        let split = split(run)
        if split.reaches(slot) { report(2, "\(what) \(slot) while it has traffic (\(split))") }
    }

    func directed(_ traffic: TrafficSplit, _ run: Run) {
        let facts = run.world.now
        for slot in Slot.allCases where traffic.reaches(slot) {
            let instances = facts.instances.values.filter { $0.id.slot == slot }
            guard let placement = facts.placements[Run.key]?[slot], !instances.isEmpty,
                placement.instances.values.contains(where: { !$0.isEmpty })
            else { return report(2, "\(traffic), and nothing is in \(slot)") }
            let expected = Set(placement.instances.values.joined())
            guard Set(instances.map(\.port)) == expected else {
                return report(2, "\(traffic), and \(slot) leads to ports where nobody is")
            }
            let healthy = state.withLock(\.healthy)
            for instance in instances where (healthy[instance.id] ?? 0) < Self.successes {
                report(
                    1,
                    "\(traffic), and \(instance.id) of \(instance.release) has not passed its health gate",
                )
            }
        }
        checkMaintenance(traffic, run)
        state.withLock { state in
            if traffic == .none, state.hasServed {
                state.violation = state.violation ?? Violation(invariant: 2, text: "traffic goes nowhere")
            }
            switch traffic {
            case .all(let slot) where state.holding?.slot == slot: break
            case .all(let slot):
                (state.holding, state.seen, state.asked) = ((slot, run.clock.uptime), 0, 0)
            case .none, .closed, .shared: (state.holding, state.seen, state.asked) = (nil, 0, 0)
            }
        }
    }

    /// Nobody is answered only in maintenance, and what served before gets its requests only with the schema that it needs.
    func checkMaintenance(_ traffic: TrafficSplit, _ run: Run) {
        let driven = run.store.deployments.first { !$0.isOver && $0.closes }
        guard traffic != .closed else {
            if driven?.phase.isInMaintenance != true {
                report(2, "it is closed, and nobody changes its schema")
            }
            return
        }
        guard let driven, let outgoing = driven.outgoing, traffic.reaches(outgoing.slot),
            // Whoever applies migrations by hand may do so at any moment.
            !run.schedule.happenings.contains(where: { $0.kind == .schemaChanges })
        else { return }
        let lost = driven.schema?.migrations.filter { !run.database.has($0) } ?? []
        let added = driven.plan?.content.migrations.filter(run.database.has) ?? []
        for migration in lost + added {
            report(15, "\(outgoing.release) gets requests, and \(migration.revision) is not as it needs it")
        }
    }

    static let successes = 2

    func counted(_ run: Run) {
        let arrivals = shape.arrivals
        state.withLock { state in
            if state.holding != nil { state.seen += arrivals }
        }
    }

    func askedFromOutside(_ run: Run) { state.withLock { $0.asked += 1 } }

    // MARK: The database

    func drilled(for deployment: DeploymentID) { state.withLock { _ = $0.drilled.insert(deployment) } }

    func migrating(_ release: ReleaseID, _ run: Run) {
        let driven = run.store.deployments.first { deployment in
            // Its own, or those of what serves, which it had taken back.
            let isReturned = deployment.schema != nil && deployment.outgoing?.release == release
            return (deployment.release == release || isReturned) && !deployment.isOver
        }
        guard let driven, state.withLock({ $0.drilled.contains(driven.id) }) else {
            return report(4, "\(release) migrates without a backup that was proven for its deployment")
        }
        checkClosed(driven, run)
    }

    private func checkClosed(_ driven: Deployment, _ run: Run) {
        // By what was asked for, not by what the plan made of it.
        guard shape.closesToMigrate, driven.outgoing != nil, !driven.kind.keepsRelease, split(run) != .closed
        else { return }
        report(15, "\(driven.id) changes the schema in maintenance, and requests go to \(split(run))")
    }

    func reverting(_ release: ReleaseID, _ run: Run) {
        let driven = run.store.deployments.first {
            ($0.schema?.direction == .down || $0.closes) && !$0.isOver
        }
        guard let driven, state.withLock({ $0.drilled.contains(driven.id) }) else {
            return report(4, "migrations are taken back without a backup that was proven for it")
        }
        checkClosed(driven, run)
        // What was applied in maintenance goes back with the files of who brought it.
        if (driven.schema == nil ? driven.release : driven.outgoing?.release) != release {
            report(
                7,
                "\(driven.id) takes migrations back with the files of \(release), which does not serve",
            )
        }
    }

    func beginsOnDatabase(_ what: String, _ plane: ControlPlaneProcess) {
        let others = state.withLock { state in
            defer { state.onDatabase.append("\(what) of plane \(plane.number)") }
            return state.onDatabase
        }
        if let other = others.first { report(4, "a \(what) begins during a \(other)") }
    }

    func endsOnDatabase(_ what: String, _ plane: ControlPlaneProcess) {
        state.withLock { state in
            state.onDatabase.removeAll { $0 == "\(what) of plane \(plane.number)" }
        }
    }
}
