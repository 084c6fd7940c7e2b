// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What serves where, since when, and what is under way.",
        discussion: "Examples:\n  opshub status\n  opshub status --json",
    )

    @Option(name: .shortAndLong, help: ArgumentHelp("Only this project.", valueName: "name"))
    var project: String?

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            let environments: [EnvironmentView] = try await client.get("status", ["project": project])
            try Output.render(environments, json: connection.json) {
                environments.isEmpty
                    ? "Nothing has been deployed yet. Push a project:\n  git push \(client.url)/git/PROJECT.git main"
                    : environments.map { StatusText.lines($0, now: Date()) }.joined(separator: "\n\n")
            }
        }
    }
}
