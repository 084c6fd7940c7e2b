// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import FoundationEssentials
import Hummingbird
import ServiceLifecycle

/// Environments: what is true of them now, their releases, plans and logs.
struct EnvironmentRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        router.get("status", use: status)
        let environment = router.group("projects/{project}/environments/{environment}")
        environment.get("plan", use: plan)
        environment.get("releases", use: releases)
        environment.get("logs", use: logs)
        environment.get("progress", use: progress)
        router.post("projects/{project}/pushes", use: pushed)
    }

    private func status(_ request: Request, _ context: ServerContext) async throws -> Response {
        let project = request.uri.queryParameters["project"].map { ProjectName(String($0)) }
        let records = try await control.ports.records.environments()
            .filter { project == nil || $0.key.project == project }
        return try .json(try await control.views(of: records))
    }

    private func plan(_ request: Request, _ context: ServerContext) async throws -> Response {
        let reference = request.uri.queryParameters["ref"].map(String.init)
        let outlook = try await control.engine.preview(try context.environmentKey(), reference: reference)
        return try .json(PlanView(outlook.plan, expected: outlook.expected))
    }

    /// What takes long in it and is under way.
    private func progress(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        _ = try await control.knownEnvironment(key)
        return try .json(
            try await control.backups.underWay(in: key) + control.migrations.underWay(in: key)
        )
    }

    private func releases(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        let record = try await control.knownEnvironment(key)
        let releases = try await control.ports.records.releases(of: key, limit: 50)
            .map { release in
                let state =
                    if release.id == record.serving?.release {
                        "serving"
                    } else if release.id == record.warm?.release {
                        "warm"
                    } else if release.retiredAt != nil {
                        "retired"
                    } else {
                        release.builtAt == nil ? "not-built" : "built"
                    }
                return ReleaseView(
                    id: release.id.rawValue,
                    commit: release.commit.id.rawValue,
                    subject: release.commit.subject,
                    author: release.commit.author,
                    createdAt: release.createdAt,
                    state: state,
                    size: release.size?.bytes,
                )
            }
        return try .json(releases)
    }

    private func pushed(_ request: Request, _ context: ServerContext) async throws -> Response {
        let project: ProjectName = try context.name("project")
        let notice = try await request.order(
            PushNotice.self,
            or: PushNotice(branch: "", old: nil, new: nil),
        )
        if let remote = try await control.ports.remotes.remote(of: project) {
            throw Failure(
                .conflict,
                "\(project) follows \(remote.url), and is not pushed here",
                hint: "push there; to push here again: opshub project detach \(project)",
            )
        }
        try await control.ports.sources.moveBranch(
            notice.branch,
            from: notice.old.map { CommitID($0) },
            to: notice.new.map { CommitID($0) },
            of: project,
        )
        var answer = PushAnswer(started: [], remarks: [])
        guard let new = notice.new else {
            answer.remarks = ["nothing to deploy: \(notice.branch) is gone; what serves goes on"]
            return try .json(answer)
        }
        let outcomes = try await control.engine.pushed(
            project,
            branch: notice.branch,
            to: CommitID(new),
            requester: Requester(name: context.person, channel: .push),
        )
        for outcome in outcomes {
            switch outcome {
            case .started(let deployment):
                answer.started.append(try await control.view(of: deployment))
            case .unchanged(let key, let why):
                answer.remarks.append("\(key): nothing to deploy, \(why)")
            case .nothingMapped(let branch, let mapped):
                answer.remarks.append(
                    "nothing to deploy: no environment is mapped to \(branch) (mapped: \(mapped.joined(separator: ", ")))"
                )
            }
        }
        return try .json(answer)
    }

    // MARK: Logs

    /// The end of every matching instance's log as JSON, or with `follow=true` as server-sent events, for ever.
    private func logs(_ request: Request, _ context: ServerContext) async throws -> Response {
        let query = request.uri.queryParameters
        let key = try context.environmentKey()
        _ = try await control.knownEnvironment(key)
        let selection = LogSelection(
            environment: key,
            service: query["service"].map { ServiceName(String($0)) },
            release: query["release"].map { ReleaseID(String($0)) },
            limit: max(1, min(query["limit"].flatMap { Int($0) } ?? 100, 5000)),
        )
        var reader = LogReader(control: control, selection: selection)
        try await reader.checkRelease()
        let first = try await reader.next()
        guard query["follow"] == "true" else { return try .json(first) }
        let started = reader
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                var (reader, lines) = (started, first)
                while !Task.isShuttingDownGracefully {
                    var text = lines.isEmpty ? ": nothing new\n\n" : ""
                    for line in lines {
                        let data = try Wire.encoder().encode(line)
                        text += "event: log\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
                    }
                    try await writer.write(ByteBuffer(string: text))
                    try await control.ports.time.sleep(for: .milliseconds(500))
                    lines = try await reader.next()
                }
                try await writer.finish(nil)
            },
        )
    }
}
