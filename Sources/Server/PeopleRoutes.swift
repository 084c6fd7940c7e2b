// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Hummingbird

/// Who has which role.
struct PeopleRoutes {
    let control: ControlPlane

    func add(to router: RouterGroup<ServerContext>) {
        router.get("people", use: list)
        router.post("people", use: give)
        router.post("people/removal", use: remove)
    }

    private func list(_ request: Request, _ context: ServerContext) async throws -> Response {
        let people = try await control.ports.people.people()
        return try .json(
            people.roles.sorted { $0.key < $1.key }
                .map { PersonView(name: $0.key, role: $0.value.rawValue) }
        )
    }

    private func give(_ request: Request, _ context: ServerContext) async throws -> Response {
        let order = try await request.order(PersonView.self, or: PersonView(name: "", role: ""))
        guard let role = Role(rawValue: order.role.uppercased()) else {
            throw Failure(
                .invalid,
                "there is no role '\(order.role)'",
                hint: "there is \(Role.allCases.reversed().map(\.rawValue).joined(separator: ", "))",
            )
        }
        try await control.ports.people.change { try $0.give(role, to: order.name, by: context.person) }
        return try await list(request, context)
    }

    private func remove(_ request: Request, _ context: ServerContext) async throws -> Response {
        let order = try await request.order(PersonRemoval.self, or: PersonRemoval(name: ""))
        try await control.ports.people.change { try $0.remove(order.name, by: context.person) }
        return try await list(request, context)
    }
}
