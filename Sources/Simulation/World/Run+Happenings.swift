// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import Delivery

extension Run {
    private static let ada = Requester(name: "Ada", channel: .command)

    /// Does what people and the machine do.
    func happen(_ kind: Happening.Kind) {
        note("happens: \(kind)")
        switch kind {
        case .push(let traits): push(traits)
        case .rollBack:
            order("rollback") { engine in
                let deployment = try await engine.rollBack(Self.key, to: nil, requester: Self.ada)
                self.watch.promise(deployment.id)
            }
        case .restore: restore()
        case .takesSchemaBack(let withRelease): takeSchemaBack(withRelease: withRelease)
        case .approve(let isRight):
            for id in waiting { approve(id, isRight: isRight) }
        case .schemaChanges: database.applyAll()
        case .reject:
            for id in waiting {
                order("reject \(id)") { try await $0.reject(id, by: "Ada", comment: nil) }
            }
        case .cancel:
            guard let newest = newest else { return }
            order("cancel \(newest)") { try await $0.cancel(newest, by: "Ada") }
        case .kill:
            if let plane = runningPlanes.last { crash(plane) }
        case .reboot:
            goDown()
            world.change { facts in
                for id in facts.instances.keys { facts.instances[id]?.state = .stopped }
            }
        case .instanceExits(let serving): exitInstance(serving: serving)
        case .stopsInstance: stopInstance()
        case .changesEdge: world.change { $0.deviations[Self.key] = ["its host leads nowhere at the edge"] }
        case .clockJumps(let time): clock.jump(by: time)
        }
    }

    private func restore() {
        let restoration = Restoration(
            source: .backup("b7"),
            accessory: AccessoryName("db"),
            asOf: clock.now,
        )
        order("restore") { engine in
            let deployment = try await engine.restore(Self.key, restoration, requester: Self.ada)
            self.watch.promise(deployment.id)
        }
    }

    /// Forward again when there is nothing to take back.
    private func takeSchemaBack(withRelease: Bool) {
        let oldest = store.releases.filter { $0.retiredAt == nil && $0.builtAt != nil }
            .min { $0.createdAt < $1.createdAt }
        order("schema") { engine in
            let deployment: Deployment
            if withRelease {
                deployment = try await engine.rollBack(
                    Self.key,
                    to: oldest?.id,
                    takesSchemaBack: true,
                    requester: Self.ada,
                )
            } else {
                do {
                    deployment = try await engine.takeSchemaBack(
                        Self.key,
                        to: [],
                        isForced: false,
                        requester: Self.ada,
                    )
                } catch let failure as Failure where failure.message.hasSuffix("nothing was applied since") {
                    deployment = try await engine.bringSchema(Self.key, requester: Self.ada)
                }
            }
            self.watch.promise(deployment.id)
        }
    }

    private var waiting: [DeploymentID] {
        store.deployments
            .filter {
                switch $0.phase {
                case .awaitingApproval, .awaitingDecision: true
                case .queued, .performing, .undoing, .ended: false
                }
            }
            .map(\.id)
    }

    /// Whether a person has kept a release that its gate could not judge.
    func wasAccepted(_ id: DeploymentID) -> Bool {
        store.journal(of: id).contains { if case .accepted = $0.event { true } else { false } }
    }

    private var newest: DeploymentID? {
        store.deployments.max { Self.number($0.id) < Self.number($1.id) }?.id
    }

    private static func number(_ id: DeploymentID) -> Int { Int(id.rawValue.dropFirst()) ?? 0 }

    /// The branch moves first, as Git does it; whoever hears of it orders a deployment.
    private func push(_ traits: CommitTraits) {
        let commit = database.commit(traits)
        world.change { $0.paths.append("migrations/m-\(commit).down.sql") }
        world.change { $0.heads["main"] = commit }
        watch.pushed(commit)
        order("push \(commit)") { engine in
            let requester = Requester(name: "Ada", channel: .push)
            let outcomes = try await engine.pushed(
                Self.key.project,
                branch: "main",
                to: commit,
                requester: requester,
            )
            for case .started(let deployment) in outcomes { self.watch.promise(deployment.id) }
        }
    }

    private func approve(_ id: DeploymentID, isRight: Bool) {
        let phase = store.deployments.first { $0.id == id }?.phase
        if case .awaitingDecision? = phase, isRight {
            // Ada asked for it herself, and may not where plans need another's yes.
            for person in ["Ada", "Bea"] {
                order("\(person) keeps \(id)") {
                    try await $0.approve(id, digest: "", by: person, comment: nil)
                }
            }
        }
        guard case .awaitingApproval(let digest, _, _)? = phase else { return }
        // Ada asked for it herself.
        for person in isRight ? ["Bea", "Cy"] : ["Ada", "Bea"] {
            order("\(person) approves \(id)") { engine in
                try await engine.approve(
                    id,
                    digest: isRight ? digest.rawValue : "another-plan",
                    by: person,
                    comment: nil,
                )
                if !isRight { self.watch.report(9, "a yes to another plan than that of \(id) was taken") }
            }
        }
    }

    private func exitInstance(serving: Bool) {
        world.change { facts in
            let split = facts.split[Self.key] ?? .none
            let candidates = facts.instances.values.filter { split.reaches($0.id.slot) == serving }
                .sorted { $0.id.description < $1.id.description }
            guard let id = candidates.first?.id else { return }
            facts.instances[id]?.exits += 1
            facts.instances[id]?.lastExit = "signal 9"
        }
    }

    /// Of what serves by the records: what a deployment is about to bring or to stop is its own.
    private func stopInstance() {
        guard let serving = store.record(of: Self.key)?.serving else { return }
        world.change { facts in
            let own = facts.instances.values.filter {
                $0.release == serving.release && $0.id.slot == serving.slot
            }
            guard let id = own.map(\.id).min(by: { $0.description < $1.description }) else { return }
            facts.instances[id]?.state = .stopped
        }
    }

    /// What somebody has changed by hand and nobody has put right, in words; nil when there is nothing.
    var drift: String? {
        guard schedule.shape.watchesDrift, let serving = store.record(of: Self.key)?.serving else {
            return nil
        }
        let facts = world.now
        if let deviation = facts.deviations[Self.key]?.first { return deviation }
        return facts.instances.values.first { $0.id.slot == serving.slot && $0.state == .stopped }
            .map { "\($0.id) is stopped" }
    }

    /// Whether something of what serves is stopped: whoever stopped it, it is to run again.
    var isLackingInstances: Bool {
        guard let serving = store.record(of: Self.key)?.serving else { return false }
        return world.now.instances.values.contains { $0.id.slot == serving.slot && $0.state == .stopped }
    }

    /// Whether the newest commit was ever deployed, or at least tried.
    func headIsTried() -> Bool {
        guard let head = world.now.heads["main"] else { return true }
        return store.releases.contains { $0.commit.id == head }
    }
}
