// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub release`.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Releases of an environment.",
        discussion: "Examples:\n  opshub release list -e production\n  opshub release view r12",
        subcommands: [List.self, View.self],
    )

    /// `opshub release list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List releases, newest first.",
            discussion: "Example:\n  opshub release list -e production",
        )

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let releases: [ReleaseView] = try await client.get(
                    "\(try await target.path(client))/releases"
                )
                try Output.render(releases, json: connection.json) {
                    var table = Table("RELEASE", "STATE", "COMMIT", "MADE", "SIZE", "SUBJECT")
                    for release in releases {
                        table.add(
                            release.id,
                            release.state,
                            String(release.commit.prefix(7)),
                            release.createdAt.formatted(.iso8601),
                            release.size.map { ByteCount($0).description } ?? "-",
                            release.subject,
                        )
                    }
                    return table.text
                }
            }
        }
    }

    /// `opshub release view`.
    struct View: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the deployment that brought a release, or tried to.",
            discussion: "Example:\n  opshub release view r12",
        )

        @Argument(help: "The release (r12).")
        var release: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let all: [DeploymentView] = try await client.get("deployments", ["limit": "200"])
                guard let deployment = all.first(where: { $0.release == release }) else {
                    throw Failure(
                        .notFound,
                        "none of the latest 200 deployments brought a release \(release)",
                        hint: "opshub release list -e ENV",
                    )
                }
                let report: DeploymentReport = try await client.get("deployments/\(deployment.id)/report")
                try Output.render(report, json: connection.json) { DeploymentReportText.lines(report) }
            }
        }
    }
}
