// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// `opshub events`.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show a deployment's journal.",
        discussion: """
            Examples:
              opshub events d12
              opshub events d12 --follow     ends with the deployment's verdict as exit code
            """,
    )

    @Argument(help: "The deployment (d12).")
    var deployment: String

    @Flag(name: .shortAndLong, help: "Stay until the verdict.")
    var follow = false

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            guard !follow else {
                _ = try await DeploymentFollower(client: client, id: deployment, json: connection.json)
                    .follow()
                return
            }
            let lines = try await client.journal(of: deployment)
            try Output.render(lines, json: connection.json) {
                var text = JournalText()
                return lines.compactMap { text.render($0) }.joined(separator: "\n")
            }
        }
    }
}
