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
    ///   - requester: Who asks.
    /// - Returns: A rollback, or the deployment that is taken back.
    /// - Throws: `conflict` when nothing serves, when the release serves already, or when a rollback is under way and
    ///   none is named; `not-found` when there is no such release. Nothing has changed then.
    public func rollBack(
        _ key: EnvironmentKey,
        to release: ReleaseID?,
        requester: Requester,
    ) async throws -> Deployment {
        if let release { _ = try await known(release, in: key) }
        if let current = try await ports.records.unfinishedDeployments()
            .first(where: { $0.environment == key && $0.phase.mayServe })
        {
            guard release != nil || current.kind == .release else {
                throw Failure(
                    .conflict,
                    "\(current.id) is rolling \(key) back to \(current.release) already",
                    hint:
                        "follow it: opshub events \(current.id) --follow, or name a release: opshub rollback -e \(key.environment) --to RELEASE",
                )
            }
            if release != current.release {
                try await takeBack(current, requester)
                if release == nil || release == current.outgoing?.release {
                    return try await ports.records.deployment(current.id) ?? current
                }
            }
        }
        guard let serving = try await ports.records.environment(key)?.serving else {
            throw Failure(.conflict, "nothing serves \(key), so there is nothing to roll back")
        }
        let target =
            if let release {
                try await known(release, in: key)
            } else {
                try await predecessor(of: serving.release, in: key)
            }
        guard target.id != serving.release else {
            throw Failure(
                .conflict,
                "\(target.id) serves \(key) already",
                hint: "opshub release list -e \(key.environment)",
            )
        }
        return try await request(.rollback, of: target, in: key, requester)
    }

    /// Cancels a deployment that may have traffic; one whose traffic returns already is left to do so.
    private func takeBack(_ deployment: Deployment, _ requester: Requester) async throws {
        if case .undoing = deployment.phase { return }
        let failure = Failure(.cancelled, "\(requester.name) rolled \(deployment.id) back")
        try await deliver(.cancelled(failure), to: deployment.id)
    }

    private func known(_ release: ReleaseID, in key: EnvironmentKey) async throws -> Release {
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
    private func predecessor(of serving: ReleaseID, in key: EnvironmentKey) async throws -> Release {
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
