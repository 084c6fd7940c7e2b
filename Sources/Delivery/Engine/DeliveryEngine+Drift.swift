// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Manifest

/// What serves is compared with its release again and again; what has drifted is told, and put right where `heal` says so.
extension DeliveryEngine {
    /// What was found of a release the last time; nil before the first look at it.
    public func drift(of placement: Placement, in key: EnvironmentKey) -> DriftReport? {
        drifts[key].flatMap { $0.report.placement == placement ? $0.report : nil }
    }

    /// Looks at every environment again and again.
    func watchDrift() async {
        // Throws only when cancelled.
        while (try? await ports.time.sleep(for: settings.driftInterval)) != nil {
            do {
                try await lookForDrift()
            } catch is CancellationError {
                return
            } catch {
                report(.everywhere, Failure.wrapping(error, doing: "looking for drift"))
            }
        }
    }

    /// Looks at every environment once.
    public func lookForDrift() async throws {
        // An edge that does not answer is seen by whoever asks it; the rest can still be compared.
        let survey = try? await ports.router.survey()
        for record in try await ports.records.environments() where record.serving != nil {
            do {
                try await lookForDrift(in: record, survey)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                report(record.key, Failure.wrapping(error, doing: "looking for drift"))
            }
        }
    }

    /// Tells that an instance has ended by itself, and looks at its environment at once.
    public func ended(_ id: InstanceID, _ how: String) async {
        let key = id.environment
        report(
            key,
            Failure(
                .serviceExited,
                "\(id) ended by itself: \(how)",
                hint: "read its log: opshub logs -e \(key.environment) \(id.service)",
            ),
        )
        do {
            guard let record = try await ports.records.environment(key) else { return }
            try await lookForDrift(in: record, try? await ports.router.survey())
        } catch is CancellationError {
            return
        } catch {
            report(key, Failure.wrapping(error, doing: "looking for drift"))
        }
    }

    private func lookForDrift(in record: EnvironmentRecord, _ survey: EdgeSurvey?) async throws {
        let key = record.key
        guard let serving = record.serving, try await isStill(record) else { return }
        let context = try await context(of: serving, in: key)
        let found = try await DriftCheck(context: context, survey: survey).find()
        // Whatever a deployment has changed meanwhile is none.
        guard try await isStill(record) else { return }
        note(found, of: serving, context)
        guard drifts[key]?.needsAttention == true else { return }
        look(at: key)
    }

    /// Whether the same release serves, and no deployment is moving traffic.
    private func isStill(_ record: EnvironmentRecord) async throws -> Bool {
        guard try await ports.records.environment(record.key)?.serving == record.serving else { return false }
        return try await !ports.records.unfinishedDeployments()
            .contains { $0.environment == record.key && $0.phase.mayServe }
    }

    private func note(_ found: [Drift], of placement: Placement, _ context: StepContext) {
        let (key, now, last) = (context.key, ports.time.now, drifts[context.key])
        // What another release had is no news of this one.
        let before = last?.report.placement == placement ? last : nil
        let since = Dictionary(found.map { ($0, before?.report.since[$0] ?? now) }) { first, _ in first }
        var state = DriftState(
            report: DriftReport(placement: placement, checkedAt: now, since: since, heals: context.heals)
        )
        // What is gone may come again, and is told again then.
        state.told = before?.told.intersection(found) ?? []
        state.redeployed = last?.redeployed
        drifts[key] = state
    }

    // MARK: Telling and healing

    /// Whether something was found that is not told yet, or can be put right.
    func hasDrift(in key: EnvironmentKey) -> Bool { drifts[key]?.needsAttention == true }

    /// Tells what has drifted in the journal of the deployment that brought the release, and puts right what may be.
    ///
    /// Only as the one who drives the environment: what a deployment changes on purpose is no drift.
    func attend(to key: EnvironmentKey, _ lease: Lease) async throws {
        guard hasDrift(in: key), let record = try await ports.records.environment(key),
            let serving = record.serving, try await isStill(record)
        else { return }
        let context = try await context(of: serving, in: key)
        let found = try await find(serving, context)
        let new = found.filter { drifts[key]?.told.contains($0) != true }
        if !new.isEmpty {
            try await tell(.drifted(new), of: context.deployment, lease)
            drifts[key]?.told.formUnion(new)
            for drift in new {
                report(key, Failure(.conflict, "drift: \(drift.text)", hint: "opshub status"))
            }
        }
        let healable = found.filter { context.heals.contains($0.kind) }
        guard !healable.isEmpty else { return }
        try await heal(healable, serving, context, lease)
    }

    /// Attends to an environment; what keeps it from being put right is told, and tried again after the next look.
    func attendOrTell(_ key: EnvironmentKey, _ lease: Lease) async {
        do {
            try await attend(to: key, lease)
        } catch is CancellationError {
            return
        } catch {
            report(key, Failure.wrapping(error, doing: "putting right what has drifted"))
        }
        // Until the next look there is nothing new to be done.
        drifts[key]?.isAttended = true
    }

    private func find(_ placement: Placement, _ context: StepContext) async throws -> [Drift] {
        let found = try await DriftCheck(context: context, survey: try? await ports.router.survey()).find()
        note(found, of: placement, context)
        return found
    }

    private func heal(
        _ drifts: [Drift],
        _ placement: Placement,
        _ context: StepContext,
        _ lease: Lease,
    ) async throws {
        if drifts.contains(where: { $0.kind == .services }) { try await returnServices(context) }
        if drifts.contains(where: { $0.kind == .routes }) { try await returnRoutes(context) }
        let left = Set(try await find(placement, context))
        let healed = drifts.filter { !left.contains($0) }
        if !healed.isEmpty { try await tell(.healed(healed), of: context.deployment, lease) }
        let rest = drifts.filter { left.contains($0) && $0.takesDeployment }
        guard !rest.isEmpty else { return }
        try await deployAnew(because: rest, context)
    }

    private func returnServices(_ context: StepContext) async throws {
        do {
            try await ReturnStep(context: context).perform()
        } catch let failure as Failure {
            // What is gone with its folder is left over, and takes a deployment.
            if failure.code != .serviceExited { report(context.key, failure) }
        }
    }

    /// Sends traffic where it should go, once those who shall answer it are healthy (Invariant 1).
    private func returnRoutes(_ context: StepContext) async throws {
        let (key, slot) = (context.key, context.slot)
        if try await ports.router.survey().splits[key] != .all(slot) {
            _ = try await HealthGate(context: context, step: .health).perform()
        }
        try await ports.router.realign()
        let survey = try await ports.router.survey()
        guard survey.splits[key] != .all(slot) else { return }
        if survey.splits[key] == nil {
            let running = try await context.running()
            let ports = running.reduce(into: [ServiceName: [Int]]()) { found, instance in
                found[instance.service.name, default: []].append(instance.status.port)
            }
            try await self.ports.router.place(
                SlotPlacement(of: context.release, context.environment, in: slot, instances: ports)
            )
        }
        try await ports.router.direct(.all(slot), of: key)
    }

    /// What can't be put right in place is built and started anew, beside what serves and through all gates: once for the
    /// same findings, so that what does not help is not tried for ever.
    private func deployAnew(because rest: [Drift], _ context: StepContext) async throws {
        let (key, findings) = (context.key, Set(rest))
        guard drifts[key]?.redeployed != findings,
            try await !ports.records.unfinishedDeployments().contains(where: { $0.environment == key })
        else { return }
        drifts[key]?.redeployed = findings
        let requester = Requester(name: "opshub", channel: .healing)
        let release = context.release
        do {
            _ = try await order(.release, of: release.commit, release.manifest, in: key, requester)
        } catch let failure as Failure where failure.code == .conflict {
            return  // Somebody has ordered something else at this moment, which brings a release of its own.
        }
    }

    private func tell(_ event: JournalEvent, of deployment: Deployment, _ lease: Lease) async throws {
        try await ports.ledger.tell(event, of: deployment.id, at: ports.time.now, lease: lease)
    }
}

extension StepContext {
    /// What is put right of this release by itself: what its environment says; but a release that was brought to put right what
    /// had drifted is not replaced again for that, or one that changes its own files would be deployed for ever.
    var heals: [DriftKind] {
        guard deployment.requester.channel == .healing else { return environment.heal }
        return environment.heal.filter { $0 == .services || $0 == .routes }
    }
}

/// What the engine remembers of an environment's drift.
struct DriftState: Sendable {
    var report: DriftReport
    /// Findings that are in the journal.
    var told: Set<Drift> = []
    /// Findings for which a deployment was ordered.
    var redeployed: Set<Drift>?
    /// Whether everything that could be done since the last look was tried.
    var isAttended = false

    init(report: DriftReport) {
        self.report = report
    }

    /// Whether something is not told yet, or can be put right.
    var needsAttention: Bool {
        guard !isAttended else { return false }
        let healable = report.since.keys.filter { report.heals.contains($0.kind) }
        let deployable = Set(healable.filter(\.takesDeployment))
        return !Set(report.since.keys).isSubset(of: told) || healable.contains { !$0.takesDeployment }
            || (!deployable.isEmpty && deployable != redeployed)
    }
}
