// SPDX-License-Identifier: Apache-2.0
import API
import Client
import Core
import FoundationEssentials

/// Shows what a restore would mean, has it confirmed, and follows it.
struct RestoreDialog {
    let target: Target
    let connection: Connection
    let dryRun: Bool
    let noWait: Bool

    func run(_ order: RestoreOrder, confirm: String?) async throws {
        try await connection.use { client in
            let path = try await target.path(client)
            let view: RestoreView = try await client.get(
                "\(path)/restore",
                ["backup": order.backup, "undo": order.undo],
            )
            guard !dryRun else {
                return try Output.render(view, json: connection.json) { RestoreText.lines(view, order) }
            }
            if !connection.json { Output.line(RestoreText.lines(view, order)) }
            var confirmed = order
            confirmed.confirm = try confirm ?? Confirmation.ask(target)
            // What was shown is what is done, also when a newer backup has come meanwhile.
            if order.undo == nil, order.backup == nil { confirmed.backup = view.backup }
            let deployment: DeploymentView = try await client.post("\(path)/restores", confirmed)
            try await Following(json: connection.json, noWait: noWait).show(deployment, client)
        }
    }
}
