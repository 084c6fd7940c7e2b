// SPDX-License-Identifier: Apache-2.0
public import Core
import Manifest

extension DeliveryEngine {
    /// Makes an earlier release serve again.
    ///
    /// A release that is still being watched after its switch is taken back: its deployment is cancelled, and traffic
    /// returns to the release before it at once.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - release: The release; the one that served before the present one when nil.
    ///   - isForced: Whether it is tried although the release has never served with the schema as it is now; the gates decide.
    ///   - takesSchemaBack: Whether migrations that were applied since are taken back with it.
    ///   - requester: Who asks.
    /// - Returns: A rollback, or the deployment that is taken back.
    /// - Throws: `conflict` when nothing serves or served before, when the release serves already, when the schema would have
    ///   to go back too, or when none is named and a rollback is under way or traffic has just returned; `not-found` when
    ///   there is no such release. Nothing has changed then.
    public func rollBack(
        _ key: EnvironmentKey,
        to release: ReleaseID?,
        isForced: Bool = false,
        takesSchemaBack: Bool = false,
        requester: Requester,
    ) async throws -> Deployment {
        if let release { _ = try await known(release, in: key) }
        let unfinished = try await ports.records.unfinishedDeployments().filter { $0.environment == key }
        if let current = unfinished.first(where: \.phase.mayServe) {
            let isOwn = release == nil || release == current.outgoing?.release
            guard !takesSchemaBack || current.closes && isOwn else {
                throw Failure(
                    .conflict,
                    "\(current.id) is still being watched, and its migrations stay when it is taken back",
                    hint: "take it back first: opshub rollback -e \(key.environment)",
                )
            }
            try checkTakingBack(current, for: release)
            guard try await takeBack(current, requester) else {
                // It got its verdict at this moment: what serves now is what is rolled back.
                return try await rollBack(
                    key,
                    to: release,
                    isForced: isForced,
                    takesSchemaBack: takesSchemaBack,
                    requester: requester,
                )
            }
            if release == nil || release == current.outgoing?.release {
                // What waits behind it was to come after a release that nobody wants any more.
                let failure = Failure(.cancelled, "\(requester.name) rolled \(key) back")
                for queued in unfinished where queued.phase == .queued {
                    _ = try await end(queued.id, by: .cancelled(failure))
                }
                return try await ports.records.deployment(current.id) ?? current
            }
        } else if release == nil {
            try await checkNothingCameBack(key)
        }
        let (target, record) = try await rollbackTarget(key, release)
        let answer = try await answer(for: target, record)
        if takesSchemaBack {
            let change = try await schemaChange(for: answer, key, isForced: isForced)
            return try await request(.rollback, of: target, in: key, schema: change, requester)
        }
        guard isForced || answer.leavesDataAlone else { throw Failure.needsData(answer, key) }
        return try await request(.rollback, of: target, in: key, requester)
    }

    /// The release that a rollback leads to, and who serves now.
    func rollbackTarget(
        _ key: EnvironmentKey,
        _ release: ReleaseID?,
    ) async throws -> (Release, EnvironmentRecord) {
        guard let record = try await ports.records.environment(key), let serving = record.serving else {
            throw Failure(.conflict, "nothing serves \(key), so there is nothing to roll back")
        }
        let target =
            if let release {
                try await known(release, in: key)
            } else {
                try await predecessor(of: serving.release, in: key)
            }
        if let retiredAt = target.retiredAt { throw Failure.retired(target, at: retiredAt) }
        guard target.id != serving.release else {
            throw Failure(
                .conflict,
                "\(target.id) serves \(key) already",
                hint: "opshub release list -e \(key.environment)",
            )
        }
        return (target, record)
    }

    /// Throws `conflict` when it is not clear that a deployment which may have traffic is meant to give it back.
    private func checkTakingBack(_ current: Deployment, for release: ReleaseID?) throws(Failure) {
        let key = current.environment
        let naming = "name a release: opshub rollback -e \(key.environment) --to RELEASE"
        guard let outgoing = current.outgoing else {
            throw Failure(
                .conflict,
                "nothing served \(key) before \(current.release), so there is nothing to roll back to",
                hint: "opshub cancel \(current.id) takes it down all the same",
            )
        }
        guard release != nil || current.kind == .release else {
            throw Failure(
                .conflict,
                "\(current.id) is rolling \(key) back to \(current.release) already",
                hint: "follow it: opshub events \(current.id) --follow, or \(naming)",
            )
        }
        guard release != current.release else {
            throw Failure(
                .conflict,
                "\(current.release) has the traffic of \(key) already, in place of \(outgoing.release)",
                hint: "follow it: opshub events \(current.id) --follow",
            )
        }
    }

    /// Throws `conflict` when the newest deployment has just given its traffic back: whoever wanted that has it, and the
    /// release before it is the one after next.
    private func checkNothingCameBack(_ key: EnvironmentKey) async throws {
        guard let last = try await ports.records.deployments(of: key, limit: 1).first,
            last.phase.verdict?.undone.contains(.returnTraffic) == true,
            let serving = try await ports.records.environment(key)?.serving
        else { return }
        throw Failure(
            .conflict,
            "\(last.id) has given its traffic back to \(serving.release) already",
            hint: "to go further back, name a release: opshub rollback -e \(key.environment) --to RELEASE",
        )
    }

    /// Cancels a deployment that may have traffic; one whose traffic returns already is left to do so.
    ///
    /// - Returns: Whether its traffic returns; false when it has been over.
    private func takeBack(_ deployment: Deployment, _ requester: Requester) async throws -> Bool {
        if case .undoing = deployment.phase { return true }
        let failure = Failure(.cancelled, "\(requester.name) rolled \(deployment.id) back")
        do {
            try await deliver(.cancelled(failure), to: deployment.id)
            return true
        } catch {
            guard let now = try await ports.records.deployment(deployment.id) else { throw error }
            if now.isOver { return false }
            // A gate has said no at this moment, so that traffic returns all the same.
            if case .undoing = now.phase { return now.phase.mayServe }
            throw error
        }
    }

    func known(_ release: ReleaseID, in key: EnvironmentKey) async throws -> Release {
        guard let found = try await ports.records.release(release), found.environment == key else {
            throw Failure(
                .notFound,
                "\(key) has no release \(release)",
                hint: "opshub release list -e \(key.environment)",
            )
        }
        return found
    }

    /// What served when a release came: so the way back leads to ever older ones, and never to one that was left.
    func predecessor(of serving: ReleaseID, in key: EnvironmentKey) async throws -> Release {
        let arrival = try await ports.records.deployments(of: key, limit: 500)
            .first { $0.release == serving && $0.kind == .release }
        guard let before = arrival?.outgoing, let release = try await ports.records.release(before.release)
        else {
            throw Failure(
                .notFound,
                "nothing served \(key) before \(serving)",
                hint:
                    "name a release: opshub release list -e \(key.environment), then opshub rollback -e \(key.environment) --to RELEASE",
            )
        }
        return release
    }
}

extension Failure {
    /// A rollback that somebody must decide about first.
    fileprivate static func needsData(_ answer: RollbackAnswer, _ key: EnvironmentKey) -> Failure {
        let restore = answer.backup.map { id in
            "from backup \(id), losing what was written since: opshub backup restore \(id) -e \(key.environment) --dry-run"
        }
        return Failure(
            .conflict,
            "\(answer.release) can't be taken back to without its schema: \(answer.reasons.joined(separator: "; "))",
            hint: (answer.way == .downMigration
                ? "take its migrations back with it (opshub rollback -e \(key.environment) --to \(answer.release) --with-schema), "
                : "")
                + "push a commit that mends what is wrong, or try \(answer.release) with the schema as it is, its gates decide: opshub rollback -e \(key.environment) --to \(answer.release) --force",
            evidence: answer.migrations.map { "applied since: \($0.revision) \($0.title)" }
                + ["the schema goes back \(restore ?? "by hand: no backup was made before them")"],
        )
    }
}
