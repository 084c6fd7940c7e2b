// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Manifest

extension ControlPlane {
    /// A deployment as people see it.
    func view(of deployment: Deployment) async throws -> DeploymentView {
        DeploymentView(deployment, try await ports.records.release(deployment.release))
    }

    /// An environment that something was deployed to, or tried to be.
    func knownEnvironment(_ key: EnvironmentKey) async throws -> EnvironmentRecord {
        if let record = try await ports.records.environment(key) { return record }
        let known = try await ports.records.environments().map(\.key.description)
        throw Failure(
            .notFound,
            "there is no environment \(key)",
            hint: known.isEmpty ? "push a project first" : "there is \(known.joined(separator: ", "))",
        )
    }

    /// What is true of environments now, asked of the edge and the supervisors.
    func views(of records: [EnvironmentRecord]) async throws -> [EnvironmentView] {
        let survey: Result<EdgeSurvey, Failure>
        do {
            survey = .success(try await ports.router.survey())
        } catch {
            survey = .failure(Failure.wrapping(error, doing: "asking the edge"))
        }
        var views: [EnvironmentView] = []
        for record in records { views.append(try await view(of: record, survey)) }
        return views
    }

    private func view(
        of record: EnvironmentRecord,
        _ survey: Result<EdgeSurvey, Failure>,
    ) async throws -> EnvironmentView {
        let (instances, runtimeProblem) = await observedInstances(of: record.key)
        let deployments = try await ports.records.deployments(of: record.key, limit: 20)
        // While one has traffic that has no verdict yet, it may well be another slot's turn.
        let moving = deployments.first { $0.phase.mayServe }
        let (traffic, edgeProblem) = observedTraffic(of: record, survey, isMoving: moving != nil)
        let answering = record.serving?.release ?? moving?.release
        let release = try await answering.asyncMap { try await ports.records.release($0) } ?? nil
        let serving = try await self.serving(record.serving)
        let desired = try await self.desired(in: record.key, serving, deployments)
        let drift = await drift(of: record)
        let told = Set(drift.map(\.text))
        return EnvironmentView(
            project: record.key.project.rawValue,
            environment: record.key.environment.rawValue,
            addresses: addresses(of: release, in: record.key),
            desired: desired,
            serving: serving,
            warm: try await self.serving(record.warm),
            warmUntil: record.warmUntil,
            traffic: traffic,
            instances: instances.map { InstanceView($0) },
            deployment: try await (moving ?? deployments.first).asyncMap { try await view(of: $0) },
            drift: drift,
            problems: (edgeProblem + (runtimeProblem ?? problems(record, instances)))
                .filter {
                    !told.contains($0)
                }
                + (await sourceProblems(of: record.key.project, branch: desired?.branch ?? ""))
                + (await backupProblems(of: record.key)),
        )
    }

    /// What can't be found out of backups must not hide the rest.
    private func backupProblems(of key: EnvironmentKey) async -> [String] {
        do {
            return try await backups.problems(of: key)
        } catch {
            return [Failure.wrapping(error, doing: "asking for the backups").message]
        }
    }

    private func drift(of record: EnvironmentRecord) async -> [DriftView] {
        guard let serving = record.serving,
            let report = await engine.drift(of: serving, in: record.key)
        else { return [] }
        return report.findings.map { drift in
            DriftView(
                kind: drift.kind.rawValue,
                text: drift.text,
                since: report.since[drift] ?? report.checkedAt,
                heals: report.heals.contains(drift.kind),
            )
        }
    }

    private func desired(
        in key: EnvironmentKey,
        _ serving: ServingView?,
        _ deployments: [Deployment],
    ) async throws -> DesiredView? {
        guard let aim = await engine.desired(in: key) else { return nil }
        var view = DesiredView(
            branch: aim.branch,
            commit: aim.commit.id.rawValue,
            subject: aim.commit.subject,
        )
        guard serving?.commit != view.commit else { return view }
        for deployment in deployments {
            let tried = try await self.view(of: deployment)
            guard tried.commit == view.commit else { continue }
            (view.deployment, view.state) = (tried.id, tried.state)
            break
        }
        return view
    }

    /// What can't be read of one environment must not hide the others.
    private func observedInstances(of key: EnvironmentKey) async -> ([InstanceStatus], [String]?) {
        do {
            return (try await ports.services.instances(of: key), nil)
        } catch {
            let failure = Failure.wrapping(error, doing: "asking for the instances")
            return ([], [failure.message + (failure.hint.map { " (\($0))" } ?? "")])
        }
    }

    private func observedTraffic(
        of record: EnvironmentRecord,
        _ survey: Result<EdgeSurvey, Failure>,
        isMoving: Bool,
    ) -> (String?, [String]) {
        switch survey {
        case .failure(let failure): return (nil, [failure.message])
        case .success(let survey):
            guard let split = survey.splits[record.key] else {
                return (nil, record.serving == nil ? [] : ["the edge does not know this environment"])
            }
            guard !isMoving, let serving = record.serving, case .all(let slot) = split, slot != serving.slot
            else { return (split.description, []) }
            return (
                split.description,
                ["the edge sends traffic to \(slot), \(serving.release) is in \(serving.slot)"],
            )
        }
    }

    private func problems(_ record: EnvironmentRecord, _ instances: [InstanceStatus]) -> [String] {
        guard let serving = record.serving else { return [] }
        let own = instances.filter { $0.release == serving.release && $0.id.slot == serving.slot }
        guard !own.isEmpty else { return ["no instance of \(serving.release) runs"] }
        return own.compactMap { status in
            switch status.state {
            case .running where status.exits == 0: nil
            case .running:
                "\(status.id.service).\(status.id.replica) ended by itself \(status.exits)×: \(status.lastExit ?? "")"
            case .restarting:
                "\(status.id.service).\(status.id.replica) keeps ending: \(status.lastExit ?? "")"
            case .stopped: "\(status.id.service).\(status.id.replica) is stopped"
            }
        }
    }

    private func serving(_ placement: Placement?) async throws -> ServingView? {
        guard let placement, let release = try await ports.records.release(placement.release) else {
            return nil
        }
        return ServingView(
            release: placement.release.rawValue,
            slot: placement.slot.rawValue,
            commit: release.commit.id.rawValue,
            subject: release.commit.subject,
            since: placement.since,
        )
    }

    private func addresses(of release: Release?, in key: EnvironmentKey) -> [String] {
        guard let release, let environment = release.manifest.environment(key.environment) else { return [] }
        let port = settings.publicPort == 80 ? "" : ":\(settings.publicPort)"
        let domain = environment.domain.map { ["http://\($0)\(port)"] } ?? []
        return domain
            + release.manifest.services.compactMap { service in
                environment.ports[service.name.rawValue].map { "http://127.0.0.1:\($0)" }
            }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result?
    {
        guard let self else { return nil }
        return try await transform(self)
    }
}
