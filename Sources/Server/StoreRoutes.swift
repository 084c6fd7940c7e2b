// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Hummingbird

/// Stores that copies of backups go to.
struct StoreRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        router.get("stores", use: list)
        router.post("stores", use: add)
        router.post("stores/{store}/check", use: check)
        router.delete("stores/{store}", use: remove)
        router.get("projects/{project}/environments/{environment}/stores/{store}", use: contents)
    }

    private func list(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.stores.stores())
    }

    private func add(_ request: Request, _ context: ServerContext) async throws -> Response {
        let nothing = StoreOrder(name: "", bucket: "", accessKey: "", secretKey: "")
        let order = try await request.order(StoreOrder.self, or: nothing)
        return try .json(try await control.stores.add(order), status: .created)
    }

    private func check(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.stores.check(try context.name("store")))
    }

    private func remove(_ request: Request, _ context: ServerContext) async throws -> Response {
        try .json(try await control.stores.remove(try context.name("store")))
    }

    private func contents(_ request: Request, _ context: ServerContext) async throws -> Response {
        let key = try context.environmentKey()
        return try .json(try await control.stores.contents(of: try context.name("store"), in: key))
    }
}

extension String {
    /// The name of a store that a body has.
    func asStoreName() throws(Failure) -> StoreName {
        guard NameRule.admits(self) else {
            throw Failure(.invalid, "'\(self)' is no store name", hint: "a name has \(NameRule.words)")
        }
        return StoreName(self)
    }
}
