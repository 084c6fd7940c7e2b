// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Where an environment's schema is, how it came there, and what migrations do.",
        discussion: """
            Deployments apply what their release brings, after a backup that was proven; 'up' and 'down' do the same under the \
            release that serves. Nothing else here changes a database that anybody uses.

            Examples:
              opshub migrate status -e production
              opshub migrate lint -e production --ref feature
              opshub migrate verify -e production
              opshub migrate history -e production
              opshub migrate down -e production --to 0006
            """,
        subcommands: [
            Status.self, History.self, Lint.self, MigrateVerifyCommand.self, MigrateUpCommand.self,
            MigrateDownCommand.self,
        ],
    )

    /// `opshub migrate status`.
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Where the schema is, and what is pending.",
            discussion: "Example:\n  opshub migrate status -e production --release r12",
        )

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        @Option(
            help: ArgumentHelp("The built release; the one that serves when not said.", valueName: "release")
        )
        var release: String?

        func run() async throws {
            try await connection.use { client in
                let view: MigrationStatusView = try await client.get(
                    "\(try await target.path(client))/migrations",
                    ["release": release],
                )
                try Output.render(view, json: connection.json) { MigrationText.lines(view) }
            }
        }
    }

    /// `opshub migrate history`.
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What deployments and restores have done to the schema, newest first.",
            discussion: "Example:\n  opshub migrate history -e production",
        )

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let views: [MigrationHistoryView] = try await client.get(
                    "\(try await target.path(client))/migrations/history"
                )
                try Output.render(views, json: connection.json) {
                    var table = Table("REVISION", "TITLE", "BY", "RELEASE", "AT", "OUTCOME", "BACKUP")
                    for view in views {
                        table.add(
                            view.revision ?? "-",
                            view.isBack == true ? "taken back: \(view.title)" : view.title,
                            view.deployment,
                            view.release,
                            view.at.formatted(.iso8601),
                            view.outcome ?? "under way",
                            view.backup ?? "-",
                        )
                    }
                    return table.text
                }
            }
        }
    }

    /// `opshub migrate lint`.
    struct Lint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What pending migrations would lock, rewrite, drop or break.",
            discussion: """
                Found out by running them on an empty copy of the schema; sizes are those of the real tables. Ends with 1 when \
                one of them may fail, loses data or breaks the release that serves, does what refuse_migrations names, or when what \
                it does is not known: that is no pass. Alembic's revisions are programs, so their commit must have been built for the \
                environment, as it is in a deployment that waits for its approval.

                Example:
                  opshub migrate lint -e production --ref feature
                """,
        )

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        @Option(
            help: ArgumentHelp(
                "A branch, tag or hash; the environment's branch when not said.",
                valueName: "ref",
            )
        )
        var ref: String?

        func run() async throws {
            try await connection.use { client in
                let plan: PlanView = try await client.get(
                    "\(try await target.path(client))/plan",
                    ["ref": ref],
                )
                let verdicts = plan.verdicts ?? []
                try Output.render(verdicts, json: connection.json) { MigrationText.lines(verdicts, plan) }
                let words = Set(verdicts.flatMap(\.findings).map(\.hazard))
                let isDangerous = !words.isDisjoint(with: [
                    "may-fail", "loses-data", "breaks-queries", "breaks-code", "breaks-release", "unknown",
                ])
                guard !isDangerous, plan.refusals?.isEmpty != false else { throw ExitCode(1) }
            }
        }
    }
}
