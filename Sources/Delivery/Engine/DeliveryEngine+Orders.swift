// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Manifest

extension DeliveryEngine {
    /// Asks for a deployment of a commit.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - reference: A branch, tag or hash; the environment's own branch when nil.
    ///   - digest: That of the plan to run and no other, or its beginning, 8 characters at least; nil when any will do.
    ///   - requester: Who asks.
    /// - Returns: The deployment, queued.
    /// - Throws: `not-found` for an unknown project, environment or reference, `invalid-manifest` for mistakes in the
    ///   commit's `opshub.yml`, `conflict` when the plan does not hold any more. Nothing has changed then.
    public func deploy(
        _ key: EnvironmentKey,
        reference: String?,
        plan digest: String? = nil,
        requester: Requester,
    ) async throws -> Deployment {
        let (commit, manifest) = try await resolve(key, reference)
        var required: PlanDigest?
        if let digest {
            let present = try await plan(key, commit, manifest, isForDigest: true).digest
            guard digest.count >= 8, present.rawValue.hasPrefix(digest) else {
                throw Failure(
                    .conflict,
                    "plan \(digest.prefix(12)) does not hold: what would be done in \(key) now is plan \(present.short)",
                    hint: "look at it: opshub plan -e \(key.environment)",
                )
            }
            required = present
        }
        return try await order(.release, of: commit, manifest, in: key, plan: required, requester)
    }

    /// Deploys what a push brought, to every environment that its branch is mapped to.
    ///
    /// - Returns: What was started, and why nothing was for the rest.
    public func pushed(
        _ project: ProjectName,
        branch: String,
        to commitID: CommitID,
        requester: Requester,
    ) async throws -> [PushOutcome] {
        let commit = try await ports.sources.commit(commitID.rawValue, of: project)
        let manifest = try await manifest(of: project, at: commit)
        aim(manifest, at: commit, of: branch)
        var outcomes: [PushOutcome] = []
        for environment in manifest.environments where environment.branch == branch {
            let key = EnvironmentKey(project, environment.name)
            if let standing = try await alreadyDeploying(commit, to: key) {
                outcomes.append(.unchanged(key, standing))
            } else {
                outcomes.append(
                    .started(try await order(.release, of: commit, manifest, in: key, requester))
                )
            }
        }
        return outcomes.isEmpty
            ? [.nothingMapped(branch, manifest.environments.compactMap(\.branch))] : outcomes
    }

    /// Records a person's yes to the plan that a deployment waits with, or to the release that its gate could not judge.
    ///
    /// - Parameters:
    ///   - id: The deployment.
    ///   - digest: The plan that the person saw, or its beginning, 8 characters at least; of no matter after the plan.
    ///   - person: Who says it.
    ///   - address: Where the person says it.
    ///   - comment: What the person says about it.
    /// - Throws: `conflict` when it does not wait, waits for another plan, what it would do has changed, or the person may
    ///   not say it; `not-found`.
    public func approve(
        _ id: DeploymentID,
        digest: String,
        by person: String,
        from address: String? = nil,
        comment: String?,
    ) async throws {
        let deployment = try await waiting(id)
        if case .awaitingDecision(let step, _, _, _) = deployment.phase {
            let approval = Approval(
                by: person,
                at: ports.time.now,
                digest: deployment.plan?.digest ?? PlanDigest(digest),
                from: address,
                comment: comment,
            )
            return try await deliver(.accepted(step), approval: approval, to: id)
        }
        guard case .awaitingApproval(let planned, _, _) = deployment.phase else { return }
        guard digest.count >= 8, planned.rawValue.hasPrefix(digest) else {
            throw Failure(
                .conflict,
                "\(id) waits with plan \(planned.short), not \(digest.isEmpty ? "one without a digest" : digest)",
                hint: "look at it: opshub events \(id), then opshub approve \(id) --plan \(planned.short)",
            )
        }
        let approval = Approval(
            by: person,
            at: ports.time.now,
            digest: planned,
            from: address,
            comment: comment,
        )
        try await deliver(.approved(planned), approval: approval, to: id)
    }

    /// Records a person's no.
    ///
    /// - Throws: `conflict` when it does not wait for an answer; `not-found`.
    public func reject(_ id: DeploymentID, by person: String, comment: String?) async throws {
        let deployment = try await waiting(id)
        let reason = comment.map { ": \($0)" } ?? ""
        let failure = Failure(.conflict, "\(person) rejected \(id)\(reason)")
        try await deliver(.rejected(failure), to: deployment.id)
    }

    /// Stops a deployment wherever it is, and undoes what it did; one that has switched gives its traffic back.
    ///
    /// - Throws: `conflict` when it is over or being undone; `not-found`.
    public func cancel(_ id: DeploymentID, by person: String) async throws {
        guard let deployment = try await ports.records.deployment(id) else { throw Failure.unknown(id) }
        guard !deployment.isOver else { throw Failure(.conflict, "\(id) is over") }
        let event = DeploymentEvent.cancelled(Failure(.cancelled, "\(person) cancelled \(id)"))
        if deployment.phase == .queued, try await end(id, by: event) {
            look(at: deployment.environment)
        } else {
            try await deliver(event, to: id)
        }
    }

    private func waiting(_ id: DeploymentID) async throws -> Deployment {
        guard let deployment = try await ports.records.deployment(id) else { throw Failure.unknown(id) }
        switch deployment.phase {
        case .awaitingApproval, .awaitingDecision: return deployment
        case .queued, .performing, .undoing, .ended:
            throw Failure(.conflict, "\(id) does not wait for an approval", hint: "opshub status")
        }
    }
}

extension DeliveryEngine {
    func resolve(_ key: EnvironmentKey, _ reference: String?) async throws -> (Commit, ProjectManifest) {
        guard try await ports.sources.projects().contains(key.project) else {
            throw Failure.unknown(key.project)
        }
        if let reference {
            let commit = try await ports.sources.commit(reference, of: key.project)
            return (commit, try await manifest(of: key.project, at: commit, for: key.environment))
        }
        var known: Set<EnvironmentName> = []
        // The branch that the environment is mapped to is said in the manifest, which is in a commit: ask each head.
        for (branch, head) in try await ports.sources.heads(of: key.project).sorted(by: { $0.key < $1.key }) {
            let commit = try await ports.sources.commit(head.rawValue, of: key.project)
            // Another branch may do.
            guard let manifest = try? await manifest(of: key.project, at: commit) else { continue }
            if manifest.environment(key.environment)?.branch == branch {
                return (commit, try await self.manifest(of: key.project, at: commit, for: key.environment))
            }
            known.formUnion(manifest.environments.map(\.name))
        }
        guard known.contains(key.environment) else { throw Failure.unknown(key, known: known) }
        throw Failure(
            .notFound,
            "no branch of \(key.project) is mapped to \(key.environment)",
            hint: "say which commit: opshub deploy -e \(key.environment) --ref BRANCH",
        )
    }

    /// `opshub.yml` of a commit, as an environment sees it where compose files describe what runs.
    func manifest(
        of project: ProjectName,
        at commit: Commit,
        for environment: EnvironmentName? = nil,
    ) async throws -> ProjectManifest {
        guard let bytes = try await ports.sources.file("opshub.yml", at: commit.id, of: project) else {
            throw Failure(
                .invalidManifest,
                "commit \(commit.id.short) has no opshub.yml",
                hint: "run opshub init in the repository, commit the file and push again",
            )
        }
        let manifest = try await ports.readManifest(bytes, environment) {
            try await ports.sources.file($0, at: commit.id, of: project)
        }
        guard manifest.project == project else {
            throw Failure(
                .invalidManifest,
                "opshub.yml says project: \(manifest.project), but it was pushed to \(project)",
                hint: "push to …/git/\(manifest.project).git, or change the name in opshub.yml",
            )
        }
        return manifest
    }

    private func alreadyDeploying(_ commit: Commit, to key: EnvironmentKey) async throws -> String? {
        if let last = try await ports.records.deployments(of: key, limit: 1).first, !last.isOver {
            // Whatever serves now: what is under way would serve in its place.
            let isSame = try await ports.records.release(last.release)?.commit.id == commit.id
            return isSame ? "\(last.id) is deploying commit \(commit.id.short) already" : nil
        }
        guard let serving = try await ports.records.environment(key)?.serving,
            try await ports.records.release(serving.release)?.commit.id == commit.id
        else { return nil }
        return "\(serving.release) serves commit \(commit.id.short) already"
    }

    func order(
        _ kind: Deployment.Kind,
        of commit: Commit,
        _ manifest: ProjectManifest,
        in key: EnvironmentKey,
        plan: PlanDigest? = nil,
        _ requester: Requester,
    ) async throws -> Deployment {
        guard manifest.environment(key.environment) != nil else {
            throw Failure.unknown(key, known: Set(manifest.environments.map(\.name)))
        }
        // Who brought it has looked at all environments; each may have compose files of its own.
        let manifest =
            manifest.isComposed
            ? try await self.manifest(of: key.project, at: commit, for: key.environment) : manifest
        let number = try await ports.ledger.number(.release)
        let release = Release(
            id: ReleaseID("r\(number)"),
            environment: key,
            commit: commit,
            manifest: manifest,
            createdAt: ports.time.now,
        )
        return try await request(kind, of: release, in: key, plan: plan, requester)
    }

    func request(
        _ kind: Deployment.Kind,
        of release: Release,
        in key: EnvironmentKey,
        plan: PlanDigest? = nil,
        restoration: Restoration? = nil,
        schema: SchemaChange? = nil,
        _ requester: Requester,
    ) async throws -> Deployment {
        let number = try await ports.ledger.number(.deployment)
        let asking = try await ports.records.unfinishedDeployments()
            .first { older in
                if case .awaitingDecision = older.phase { older.environment == key } else { false }
            }
        let now = ports.time.now
        var deployment = Deployment(
            id: DeploymentID("d\(number)"),
            environment: key,
            kind: kind,
            release: release.id,
            requester: requester,
            requestedAt: now,
        )
        deployment.requiredPlan = plan
        deployment.schema = schema
        deployment.restoration = restoration
        deployment.restoration?.order =
            "\(deployment.id)_\(String(UInt32.random(in: .min ... .max), radix: 36))"
        try await ports.ledger.order(
            DeliveryChange(
                release: release,
                deployment: deployment,
                environment: EnvironmentRecord(key: key),
                journal: [.requested(by: requester)]
                    + (asking.map { [.note(.preflight, $0.id.asksFirst)] } ?? []),
                at: now,
            )
        )
        for older in try await ports.records.unfinishedDeployments()
        where older.environment == key && older.id != deployment.id && older.phase != .queued {
            // One that has switched refuses and runs to its end; this one follows it.
            try? await deliver(.superseded(.superseded(by: deployment.id)), to: older.id)
        }
        look(at: key)
        return deployment
    }
}

extension DeploymentID {
    /// Said to whoever comes next.
    fileprivate var asksFirst: String {
        "\(self) has the traffic and waits for a decision first: opshub approve \(self), or opshub reject \(self)"
    }
}

extension Failure {
    static func unknown(_ key: EnvironmentKey, known: Set<EnvironmentName>) -> Failure {
        let names = known.map(\.rawValue).sorted().joined(separator: ", ")
        return Failure(
            .notFound,
            "\(key.project) has no environment \(key.environment)",
            hint: known.isEmpty ? "no branch of it has an opshub.yml that can be used" : "it has \(names)",
        )
    }

    static func unknown(_ id: DeploymentID) -> Failure {
        Failure(.notFound, "there is no deployment \(id)", hint: "opshub status lists the latest ones")
    }

    static func unknown(_ project: ProjectName) -> Failure {
        Failure(
            .notFound,
            "there is no project \(project)",
            hint: "push to it once: git push http://…/git/\(project).git main",
        )
    }
}
