// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Hummingbird

/// Restores into databases that serve.
struct RestoreRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        let environment = router.group("projects/{project}/environments/{environment}")
        environment.get("restore", use: look)
        environment.post("restores", use: restore)
        environment.post("restores/tables", use: restoreTable)
    }

    private func look(_ request: Request, _ context: ServerContext) async throws -> Response {
        let query = request.uri.queryParameters
        let order = RestoreOrder(
            backup: query["backup"].map(String.init),
            undo: query["undo"].map(String.init),
        )
        return try .json(try await control.restores.outlook(order, in: try context.environmentKey()))
    }

    private func restoreTable(_ request: Request, _ context: ServerContext) async throws -> Response {
        let order = try await request.order(TableRestoreOrder.self, or: TableRestoreOrder(table: ""))
        guard !order.table.isEmpty else { throw Failure(.invalid, "no table is named", hint: "say 'table'") }
        let view = try await control.restores.restore(order, in: try context.environmentKey())
        return try .json(view, status: .created)
    }

    private func restore(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        let order = try await request.order(RestoreOrder.self, or: RestoreOrder())
        guard order.confirm == key.environment.rawValue else {
            throw Failure(
                .invalid,
                "a restore replaces the data of \(key), and 'confirm' does not say '\(key.environment)'",
                hint: "see what it would mean: opshub backup restore -e \(key.environment) --dry-run",
            )
        }
        let restoration = try await control.restores.restoration(order, in: key)
        let deployment = try await control.engine.restore(
            key,
            restoration,
            requester: Requester(name: context.person, channel: .command),
        )
        return try .json(try await control.view(of: deployment), status: .accepted)
    }
}
