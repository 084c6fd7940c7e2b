// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub prune`.
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove builds that nobody needs any more, or say which those are.",
        discussion: """
            The same happens by itself after each deployment, as releases: in opshub.yml says. What serves, what is warm and \
            what a rollback returns to always stays.

            Examples:
              opshub prune --dry-run
              opshub prune -e staging
            """,
    )

    @Option(name: .shortAndLong, help: ArgumentHelp("Only this environment.", valueName: "env"))
    var environment: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Only this project.", valueName: "name"))
    var project: String?

    @Flag(help: "Only say what would be done, and why.")
    var dryRun = false

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            let query = ["project": project, "environment": environment]
            let verdicts: [PruneView] =
                dryRun
                ? try await client.get("prune", query)
                : try await client.post("prune", DeployOrder(), query: query)
            try Output.render(verdicts, json: connection.json) { Self.text(verdicts, dryRun: dryRun) }
        }
    }

    static func text(_ verdicts: [PruneView], dryRun: Bool) -> String {
        let going = verdicts.filter(\.goes)
        let freed = ByteCount(going.compactMap(\.size).reduce(0, +))
        guard dryRun else {
            return going.isEmpty
                ? "Nothing to remove."
                : "Removed \(going.map(\.release).joined(separator: ", ")): \(freed)."
        }
        guard !verdicts.isEmpty else { return "Nothing was built yet." }
        var table = Table("RELEASE", "ENVIRONMENT", "COMMIT", "MADE", "SIZE", "", "WHY")
        for verdict in verdicts {
            table.add(
                verdict.release,
                "\(verdict.project)/\(verdict.environment)",
                String(verdict.commit.prefix(7)),
                verdict.createdAt.formatted(.iso8601),
                verdict.size.map { ByteCount($0).description } ?? "-",
                verdict.goes ? "goes" : "stays",
                verdict.reason,
            )
        }
        let count = going.count == 1 ? "1 release goes" : "\(going.count) releases go"
        return "\(table.text)\n\(count): \(freed)"
    }
}
