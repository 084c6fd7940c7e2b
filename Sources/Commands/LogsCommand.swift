// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "What the services of an environment write.",
        discussion: """
            Examples:
              opshub logs -e production
              opshub logs -e production backend -f
              opshub logs -e production --release r12 -n 500
            """,
    )

    @Argument(help: "Only this service.")
    var service: String?

    @OptionGroup var target: Target
    @OptionGroup var connection: Connection

    @Option(help: ArgumentHelp("Only instances of this release.", valueName: "release"))
    var release: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many lines of each instance.", valueName: "count"),
    )
    var lines = 100

    @Flag(name: .shortAndLong, help: "Go on as lines are written.")
    var follow = false

    func run() async throws {
        try await connection.use { client in
            let path = "\(try await target.path(client))/logs"
            let query = ["service": service, "release": release, "limit": "\(lines)"]
            guard follow else {
                let page: [LogView] = try await client.get(path, query)
                return try Output.render(page, json: connection.json) {
                    page.map(text).joined(separator: "\n")
                }
            }
            try await client.events(path, query, of: LogView.self) { line in
                Output.line(
                    connection.json
                        ? String(decoding: try Wire.encoder().encode(line), as: UTF8.self) : text(line)
                )
            }
        }
    }

    private func text(_ line: LogView) -> String {
        "\(line.at.formatted(.iso8601)) \(line.slot)/\(line.instance)  \(line.text)"
    }
}
