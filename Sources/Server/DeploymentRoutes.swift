// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import FoundationEssentials
import HTTPTypes
import Hummingbird
import ServiceLifecycle

/// Deployments: ask for them, answer them, follow them.
struct DeploymentRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        let environment = router.group("projects/{project}/environments/{environment}")
        environment.post("deployments", use: deploy)
        environment.post("rollbacks", use: rollBack)
        environment.get("rollback", use: canRollBack)
        router.get("deployments", use: list)
        router.get("deployments/{id}", use: view)
        router.get("deployments/{id}/report", use: report)
        router.get("deployments/{id}/journal", use: journal)
        router.post("deployments/{id}/approval", use: approve)
        router.post("deployments/{id}/rejection", use: reject)
        router.post("deployments/{id}/cancellation", use: cancel)
    }

    private func deploy(_ request: Request, _ context: ServerContext) async throws -> Response {
        let order = try await request.order(DeployOrder.self, or: DeployOrder())
        let deployment = try await control.engine.deploy(
            try context.environmentKey(),
            reference: order.ref,
            plan: order.plan,
            requester: Requester(name: context.person, channel: .command),
        )
        return try .json(try await control.view(of: deployment), status: .created)
    }

    private func rollBack(_ request: Request, _ context: ServerContext) async throws -> Response {
        let order = try await request.order(RollbackOrder.self, or: RollbackOrder())
        let key = try context.environmentKey()
        guard order.withSchema != true || order.confirm == key.environment.rawValue else {
            throw Failure(
                .invalid,
                "this takes migrations of \(key) back, and 'confirm' does not say '\(key.environment)'",
                hint: "see what it takes: opshub rollback -e \(key.environment) --dry-run",
            )
        }
        let deployment = try await control.engine.rollBack(
            key,
            to: order.release.map { ReleaseID($0) },
            isForced: order.force == true,
            takesSchemaBack: order.withSchema == true,
            requester: Requester(name: context.person, channel: .command),
        )
        return try .json(try await control.view(of: deployment), status: .created)
    }

    private func canRollBack(_ request: Request, _ context: ServerContext) async throws -> Response {
        let release = request.uri.queryParameters["to"].map { ReleaseID(String($0)) }
        let answer = try await control.engine.canRollBack(try context.environmentKey(), to: release)
        let commit = try await control.ports.records.release(answer.release)?.commit.id.rawValue
        return try .json(RollbackAnswerView(answer, commit: commit ?? ""))
    }

    private func list(_ request: Request, _ context: ServerContext) async throws -> Response {
        let query = request.uri.queryParameters
        let limit = max(1, min(query["limit"].flatMap { Int($0) } ?? 20, 200))
        let (project, environment) = (
            query["project"].map(String.init), query["environment"].map(String.init),
        )
        var views: [DeploymentView] = []
        for deployment in try await latest(limit, project: project, environment: environment) {
            views.append(try await control.view(of: deployment))
        }
        return try .json(views)
    }

    /// Newest first; asked of each environment that is meant, so that others' deployments do not crowd them out.
    private func latest(_ limit: Int, project: String?, environment: String?) async throws -> [Deployment] {
        let records = control.ports.records
        guard project != nil || environment != nil else {
            return try await records.deployments(of: nil, limit: limit)
        }
        var found: [Deployment] = []
        for key in try await records.environments().map(\.key)
        where project ?? key.project.rawValue == key.project.rawValue
            && environment ?? key.environment.rawValue == key.environment.rawValue
        {
            found += try await records.deployments(of: key, limit: limit)
        }
        return Array(found.sorted { $0.requestedAt > $1.requestedAt }.prefix(limit))
    }

    private func view(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.view(of: try await deployment(context)))
    }

    private func report(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.report(of: try await deployment(context)))
    }

    private func approve(_ request: Request, _ context: ServerContext) async throws -> Response {
        let deployment = try await deployment(context)
        let order = try await request.order(ApprovalOrder.self, or: ApprovalOrder())
        try await control.engine.approve(
            deployment.id,
            digest: order.digest ?? "",
            by: context.person,
            from: context.address,
            comment: order.comment,
        )
        return try .json(try await control.view(of: try await self.deployment(context)))
    }

    private func reject(_ request: Request, _ context: ServerContext) async throws -> Response {
        let deployment = try await deployment(context)
        let order = try await request.order(ApprovalOrder.self, or: ApprovalOrder())
        try await control.engine.reject(deployment.id, by: context.person, comment: order.comment)
        return try .json(try await control.view(of: try await self.deployment(context)))
    }

    private func cancel(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await control.engine.cancel(try await deployment(context).id, by: context.person)
        return try .json(try await control.view(of: try await deployment(context)))
    }

    private func deployment(_ context: ServerContext) async throws -> Deployment {
        let id = DeploymentID(try context.parameters.require("id"))
        guard let deployment = try await control.ports.records.deployment(id) else {
            throw Failure(
                .notFound,
                "there is no deployment \(id)",
                hint: "opshub status lists the latest ones",
            )
        }
        return deployment
    }

    // MARK: Journal

    /// The journal after a line as JSON, or with `follow=true` as server-sent events until the verdict.
    private func journal(_ request: Request, _ context: ServerContext) async throws -> Response {
        let deployment = try await deployment(context)
        let query = request.uri.queryParameters
        let after = query["after"].flatMap { Int($0) } ?? 0
        guard query["follow"] == "true" else {
            let entries = try await control.ports.records.journal(
                of: deployment.id,
                after: after,
                limit: 1000,
            )
            return try .json(entries.map { JournalLine($0) })
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await follow(deployment.id, after: after, writer: &writer)
                try await writer.finish(nil)
            },
        )
    }

    /// Also ends when the control plane is asked to end, and when the follower has gone, which a line now and then finds out.
    @concurrent
    private func follow(_ id: DeploymentID, after: Int, writer: inout any ResponseBodyWriter) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask(name: "heartbeat of a follower") {
                while true {
                    try await Task.sleep(for: Self.heartbeat)
                    control.feed.wake(id)
                }
            }
            defer { group.cancelAll() }
            var last = after
            for await _ in control.feed.changes(of: id).cancelOnGracefulShutdown() {
                let isOver = try await control.ports.records.deployment(id)?.isOver ?? true
                var text = ""
                while true {
                    let entries = try await control.ports.records.journal(of: id, after: last, limit: 200)
                    guard !entries.isEmpty else { break }
                    for entry in entries {
                        last = entry.sequence
                        let data = try Wire.encoder().encode(JournalLine(entry))
                        text +=
                            "id: \(entry.sequence)\nevent: journal\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
                    }
                }
                try await writer.write(ByteBuffer(string: text.isEmpty ? ": nothing new\n\n" : text))
                if isOver { return }
            }
        }
    }

    private static let heartbeat: Duration = .seconds(15)
}
