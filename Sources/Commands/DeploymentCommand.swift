// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub deployment`.
struct DeploymentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployment",
        abstract: "What deployments did, how long it took, and how they ended.",
        discussion: "Examples:\n  opshub deployment list -e production\n  opshub deployment view d12",
        subcommands: [List.self, View.self],
    )

    /// `opshub deployment list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List deployments, newest first.",
            discussion: "Example:\n  opshub deployment list -e production",
        )

        @Option(name: .shortAndLong, help: ArgumentHelp("Of this environment alone.", valueName: "env"))
        var environment: String?

        @Option(name: .shortAndLong, help: ArgumentHelp("Of this project alone.", valueName: "name"))
        var project: String?

        @Option(help: ArgumentHelp("How many.", valueName: "n"))
        var limit = 20

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let deployments: [DeploymentView] = try await client.get(
                    "deployments",
                    ["environment": environment, "project": project, "limit": "\(limit)"],
                )
                try Output.render(deployments, json: connection.json) {
                    var table = Table(
                        "DEPLOYMENT",
                        "STATE",
                        "ENVIRONMENT",
                        "RELEASE",
                        "COMMIT",
                        "ASKED FOR",
                        "BY",
                        "SUBJECT",
                    )
                    for deployment in deployments {
                        table.add(
                            deployment.id,
                            deployment.state,
                            "\(deployment.project)/\(deployment.environment)",
                            deployment.release,
                            String(deployment.commit.prefix(7)),
                            deployment.requestedAt.formatted(.iso8601),
                            deployment.requestedBy,
                            deployment.subject,
                        )
                    }
                    return table.text
                }
            }
        }
    }

    /// `opshub deployment view`.
    struct View: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show one deployment: its steps with their times, what gates saw, who approved, how it ended.",
            discussion: "Example:\n  opshub deployment view d12",
        )

        @Argument(help: "The deployment (d12).")
        var deployment: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let report: DeploymentReport = try await client.get("deployments/\(deployment)/report")
                try Output.render(report, json: connection.json) { DeploymentReportText.lines(report) }
            }
        }
    }
}

extension ControlPlaneClient {
    /// A deployment's whole journal, page by page.
    func journal(of deployment: String) async throws -> [JournalLine] {
        var all: [JournalLine] = []
        while true {
            let page: [JournalLine] = try await get(
                "deployments/\(deployment)/journal",
                ["after": "\(all.last?.sequence ?? 0)"],
            )
            guard !page.isEmpty else { return all }
            all += page
        }
    }
}
