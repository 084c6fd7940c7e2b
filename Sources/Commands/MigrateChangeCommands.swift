// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// `opshub migrate down`.
struct MigrateDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take migrations back, after a backup that was proven.",
        discussion: """
            The release that serves goes on serving, so it must bear the schema that it gets. To return to an earlier release \
            together with its schema: opshub rollback --with-schema. What is in columns and tables that go is in the backup alone.

            Each migration is applied, taken back and applied again on an empty server first; one that does not go back wholly is \
            refused.

            Examples:
              opshub migrate down -e production --to 0006 --dry-run
              opshub migrate down -e production --to 0006
              opshub migrate down -e staging --to base --confirm staging
            """,
    )

    @OptionGroup var target: Target
    @OptionGroup var connection: Connection

    @Option(
        help: ArgumentHelp(
            "The revision that stays, with everything that it follows; 'base' for an empty schema. May be said again for branches.",
            valueName: "revision",
        )
    )
    var to: [String]

    @Option(help: ArgumentHelp("The environment's name, again.", valueName: "env"))
    var confirm: String?

    @Flag(
        name: .customLong("dry-run"),
        help: "Only say what would be taken back, and what speaks against it.",
    )
    var dryRun = false

    @Flag(help: "Also what does not go back wholly.")
    var force = false

    @Flag(name: .customLong("no-wait"), help: "Return once it is accepted.")
    var noWait = false

    func validate() throws {
        guard !to.isEmpty else { throw ValidationError("--to REVISION says what stays, 'base' for nothing.") }
    }

    func run() async throws {
        try await connection.use { client in
            let path = try await target.path(client)
            let query = Dictionary(uniqueKeysWithValues: [("to", to.joined(separator: ","))])
            let view: WayBackView = try await client.get("\(path)/migrations/way-back", query)
            if dryRun {
                try Output.render(view, json: connection.json) { MigrationText.lines(view) }
                guard view.objections.isEmpty else { throw ExitCode(1) }
                return
            }
            if !connection.json { Output.line(MigrationText.lines(view)) }
            let order = SchemaOrder(
                direction: "down",
                to: to,
                force: force ? true : nil,
                confirm: try confirm ?? Confirmation.ask(target),
            )
            let deployment: DeploymentView = try await client.post("\(path)/migrations/changes", order)
            try await Following(json: connection.json, noWait: noWait).show(deployment, client)
        }
    }
}

/// `opshub migrate up`.
struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Apply what the release that serves has and its database has not.",
        discussion: """
            After 'migrate down', or a restore. A new release's migrations are applied by its deployment.

            Example:
              opshub migrate up -e production
            """,
    )

    @OptionGroup var target: Target
    @OptionGroup var connection: Connection

    @Option(help: ArgumentHelp("The environment's name, again.", valueName: "env"))
    var confirm: String?

    @Flag(name: .customLong("no-wait"), help: "Return once it is accepted.")
    var noWait = false

    func run() async throws {
        try await connection.use { client in
            let path = try await target.path(client)
            let view: MigrationStatusView = try await client.get("\(path)/migrations")
            if !connection.json { Output.line(MigrationText.lines(view)) }
            let order = SchemaOrder(direction: "up", confirm: try confirm ?? Confirmation.ask(target))
            let deployment: DeploymentView = try await client.post("\(path)/migrations/changes", order)
            try await Following(json: connection.json, noWait: noWait).show(deployment, client)
        }
    }
}
