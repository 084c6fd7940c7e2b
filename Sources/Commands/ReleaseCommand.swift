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
        discussion: "Example:\n  opshub release list -e production",
        subcommands: [List.self],
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
                    var table = Table("RELEASE", "STATE", "COMMIT", "MADE", "SUBJECT")
                    for release in releases {
                        table.add(
                            release.id,
                            release.state,
                            String(release.commit.prefix(7)),
                            release.createdAt.formatted(.iso8601),
                            release.subject,
                        )
                    }
                    return table.text
                }
            }
        }
    }
}
