// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import FoundationEssentials
import Hummingbird

/// Projects: where their commits come from.
struct ProjectRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        router.get("projects", use: list)
        router.post("projects", use: follow)
        let project = router.group("projects/{project}")
        project.get("key", use: key)
        project.post("sync", use: sync)
        project.delete("remote", use: unfollow)
    }

    private func list(_ request: Request, _ context: ServerContext) async throws -> Response {
        var views: [ProjectView] = []
        for project in try await control.ports.sources.projects() {
            views.append(try await control.view(of: project))
        }
        return try .json(views)
    }

    private func follow(_ request: Request, _ context: ServerContext) async throws -> Response {
        let order = try await request.order(RemoteOrder.self, or: RemoteOrder(name: "", url: ""))
        guard NameRule.admits(order.name) else {
            throw Failure(
                .invalid,
                "'\(order.name)' is no project name",
                hint: "a name has \(NameRule.words): opshub project add URL --name NAME",
            )
        }
        guard order.interval.map({ (0...1e6).contains($0) }) ?? true else {
            throw Failure(.invalid, "an interval of \(order.interval ?? 0) s makes no sense")
        }
        let project = ProjectName(order.name)
        let interval = order.interval.map { Duration.seconds($0) } ?? SourceRemote.usualInterval
        _ = try await control.engine.follow(
            SourceRemote(url: order.url, interval: interval),
            credential: order.token.map { Secret($0) },
            as: project,
        )
        return try .json(try await control.view(of: project), status: .created)
    }

    private func key(_ request: Request, _ context: ServerContext) async throws -> Response {
        let project: ProjectName = try context.name("project")
        guard let key = try await control.ports.remotes.deployKey(of: project) else {
            throw Failure(
                .notFound,
                "\(project) has no deploy key",
                hint: "one is made when a remote is added by SSH: opshub project add git@HOST:PATH",
            )
        }
        return try .json(ProjectView(name: project.rawValue, deployKey: key))
    }

    private func sync(_ request: Request, _ context: ServerContext) async throws -> Response {
        let project = try await known(context)
        let order = try await request.order(SyncOrder.self, or: SyncOrder())
        _ = try await control.engine.sync(project, accepting: order.accept)
        return try .json(try await control.view(of: project))
    }

    private func unfollow(_ request: Request, _ context: ServerContext) async throws -> Response {
        let project = try await known(context)
        try await control.engine.unfollow(project)
        return try .json(try await control.view(of: project))
    }

    private func known(_ context: ServerContext) async throws -> ProjectName {
        let project: ProjectName = try context.name("project")
        let all = try await control.ports.sources.projects()
        guard all.contains(project) else {
            throw Failure(
                .notFound,
                "there is no project \(project)",
                hint: all.isEmpty
                    ? "push one, or add one: opshub project add URL"
                    : "there is \(all.map(\.rawValue).joined(separator: ", "))",
            )
        }
        return project
    }
}

extension ControlPlane {
    /// A project as people see it.
    func view(of project: ProjectName) async throws -> ProjectView {
        let remote = try await ports.remotes.remote(of: project)
        let state = await engine.remoteState(of: project)
        var branches: [ProjectView.Branch] = []
        for (branch, commit) in try await ports.sources.heads(of: project).sorted(by: { $0.key < $1.key }) {
            let environments = await engine.environments(on: branch, of: project)
            branches.append(
                .init(
                    branch: branch,
                    commit: commit.rawValue,
                    environments: environments.map(\.rawValue),
                )
            )
        }
        return ProjectView(
            name: project.rawValue,
            remote: remote?.url,
            interval: remote?.interval.inSeconds,
            askedAt: state?.askedAt,
            answeredAt: state?.answeredAt,
            deployKey: try await ports.remotes.deployKey(of: project),
            branches: branches,
            problems: await sourceProblems(of: project, branch: nil),
        )
    }

    /// What keeps commits from getting here, in words; of one branch when given.
    func sourceProblems(of project: ProjectName, branch: String?) async -> [String] {
        var problems: [String] = []
        let state = await engine.remoteState(of: project)
        if let state, let failure = state.failure {
            let since = state.answeredAt.map { " since \($0.formatted(.iso8601))" } ?? ""
            let hint = failure.hint.map { " (\($0))" } ?? ""
            problems.append("nothing was heard of the remote\(since): \(failure.message)\(hint)")
        }
        for (name, held) in (state?.held ?? [:]).sorted(by: { $0.key < $1.key })
        where branch == nil || name == branch {
            let what = held.there.map { "was rewritten to \($0.short), without" } ?? "is gone, and with it"
            problems.append(
                "\(name) \(what) \(held.here.short), and is not deployed (take it over: opshub project sync \(project) --accept \(name))"
            )
        }
        for (name, failure) in await engine.refusedHeads(of: project).sorted(by: { $0.key < $1.key })
        where branch == nil || name == branch {
            problems.append("the newest commit of \(name) can't be deployed: \(failure.message)")
        }
        return problems
    }
}
