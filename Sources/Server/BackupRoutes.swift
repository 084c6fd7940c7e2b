// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Hummingbird

/// Backups, and the key that opens them.
struct BackupRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        let environment = router.group("projects/{project}/environments/{environment}")
        environment.get("backups", use: list)
        environment.post("backups", use: create)
        environment.get("windows", use: windows)
        environment.get("backups/prune", use: lookAtPrune)
        environment.post("backups/prune", use: prune)
        environment.post("backups/fetch", use: fetch)
        router.get("backups/{id}", use: show)
        router.post("backups/{id}/verification", use: verify)
        router.get("recovery-key", use: key)
        router.post("recovery-key/export", use: export)
    }

    private func list(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.backups.backups(of: try context.environmentKey()))
    }

    private func show(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.backups.backup(try context.parameters.require("id")))
    }

    private func create(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        _ = try await control.knownEnvironment(key)
        let order = try await request.order(BackupOrder.self, or: BackupOrder())
        return try .json(try await control.backups.create(key, order, by: context.person), status: .created)
    }

    private func windows(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.backups.windows(of: try context.environmentKey()))
    }

    private func lookAtPrune(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.backups.prune(try context.environmentKey(), onlyAsked: true))
    }

    private func prune(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.backups.prune(try context.environmentKey(), onlyAsked: false))
    }

    private func verify(_ request: Request, _ context: ServerContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let order = try await request.order(VerificationOrder.self, or: VerificationOrder())
        return try .json(
            order.offsite == true
                ? try await control.backups.verifyOffsite(id) : try await control.backups.verify(id)
        )
    }

    private func fetch(_ request: Request, _ context: ServerContext) async throws -> Response {
        let order = try await request.order(FetchOrder.self, or: FetchOrder(backup: "", store: ""))
        let backup = try await control.backups.fetch(
            order.backup,
            of: try context.environmentKey(),
            from: try order.store.asStoreName(),
        )
        return try .json(backup, status: .created)
    }

    private func key(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.backups.recoveryKey())
    }

    /// Who has the key has the data: no cache may keep the answer.
    private func export(_ request: Request, _ context: ServerContext) async throws -> Response {
        var response: Response = try .json(try await control.backups.exportKey())
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
