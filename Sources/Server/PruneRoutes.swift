// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Hummingbird

/// Builds on the disk: which stay, which go.
struct PruneRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        router.get("prune", use: look)
        router.post("prune", use: prune)
    }

    private func look(_ request: Request, _ context: ServerContext) async throws -> Response {
        var views: [PruneView] = []
        for key in try await environments(request) {
            views += try await control.engine.releaseVerdicts(of: key).map { PruneView($0) }
        }
        return try .json(views)
    }

    private func prune(_ request: Request, _ context: ServerContext) async throws -> Response {
        var views: [PruneView] = []
        for key in try await environments(request) {
            views += try await control.engine.prune(key).map { PruneView($0) }
        }
        return try .json(views)
    }

    /// Those that the query names, all without it.
    private func environments(_ request: Request) async throws -> [EnvironmentKey] {
        let query = request.uri.queryParameters
        let all = try await control.ports.records.environments().map(\.key)
        let found = all.filter { key in
            query["project"].map { key.project.rawValue == $0 } ?? true
                && query["environment"].map { key.environment.rawValue == $0 } ?? true
        }
        guard !found.isEmpty || (query["project"] == nil && query["environment"] == nil) else {
            throw Failure(
                .notFound,
                "there is no such environment",
                hint: all.isEmpty
                    ? "push a project first" : "there is \(all.map(\.description).joined(separator: ", "))",
            )
        }
        return found
    }
}

extension PruneView {
    /// A verdict as people see it.
    init(_ verdict: ReleaseVerdict) {
        let release = verdict.release
        self.init(
            project: release.environment.project.rawValue,
            environment: release.environment.environment.rawValue,
            release: release.id.rawValue,
            commit: release.commit.id.rawValue,
            createdAt: release.createdAt,
            size: release.size?.bytes,
            goes: verdict.removes != nil,
            reason: verdict.removes ?? verdict.keeps ?? "",
        )
    }
}
