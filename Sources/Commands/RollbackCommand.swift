// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// `opshub rollback`.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Return an environment to an earlier release.",
        discussion: """
            Code, configuration, variables and routing of that release come back as one; the database stays as it is, unless \
            that is what goes back: -t database is 'opshub backup restore', from the newest verified backup or the one of -b. \
            A release that is still warm has all traffic again within a second. A release that is still being watched \
            after its switch is taken back at once. --with-schema takes migrations back too that were applied since, where each says \
            how, after a backup that was proven.

            Examples:
              opshub rollback -e production
              opshub rollback -e production --dry-run
              opshub rollback -e production --to r12
              opshub rollback -e production --to r12 --with-schema
              opshub rollback -e production -t database -b b7
            """,
    )

    /// What can be rolled back.
    enum Kind: String, ExpressibleByArgument, CaseIterable { case deployment, database }

    @OptionGroup var target: Target
    @OptionGroup var connection: Connection

    @Option(name: .shortAndLong, help: "What is rolled back.")
    var type = Kind.deployment

    @Option(
        help: ArgumentHelp(
            "The release to return to; the one that served before when not said.",
            valueName: "release",
        )
    )
    var to: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "With -t database: the backup; the newest verified one when not said.",
            valueName: "backup",
        ),
    )
    var backup: String?

    @Option(
        help: ArgumentHelp(
            "With -t database and --with-schema: the environment's name, again.",
            valueName: "env",
        )
    )
    var confirm: String?

    @Flag(name: .customLong("dry-run"), help: "Only say whether it can be done, how, and why.")
    var dryRun = false

    @Flag(help: "Try it with a schema that the release has never served with; its gates decide.")
    var force = false

    @Flag(name: .customLong("with-schema"), help: "Take back with it what was applied since.")
    var withSchema = false

    @Flag(name: .customLong("no-wait"), help: "Return once the rollback is accepted.")
    var noWait = false

    func validate() throws {
        guard type == .deployment else {
            guard to == nil, !force, !withSchema else {
                throw ValidationError(
                    "--to, --force and --with-schema are about releases; -t database goes with -b BACKUP."
                )
            }
            return
        }
        guard backup == nil, confirm == nil || withSchema else {
            throw ValidationError("-b goes with -t database, and --confirm with that or --with-schema.")
        }
    }

    func run() async throws {
        guard type == .deployment else {
            return try await RestoreDialog(
                target: target,
                connection: connection,
                dryRun: dryRun,
                noWait: noWait,
            )
            .run(RestoreOrder(backup: backup), confirm: confirm)
        }
        try await connection.use { client in
            let path = try await target.path(client)
            if dryRun {
                let answer: RollbackAnswerView = try await client.get("\(path)/rollback", ["to": to])
                return try Output.render(answer, json: connection.json) { RollbackAnswerText.lines(answer) }
            }
            var order = RollbackOrder(release: to, force: force ? true : nil)
            if withSchema {
                let answer: RollbackAnswerView = try await client.get("\(path)/rollback", ["to": to])
                if !connection.json { Output.line(RollbackAnswerText.lines(answer)) }
                (order.withSchema, order.confirm) = (true, try confirm ?? Confirmation.ask(target))
            }
            let deployment: DeploymentView = try await client.post(
                "\(path)/rollbacks",
                order,
            )
            let takesBack = ["undoing", "cancelled", "failed"].contains(deployment.state)
            let following = Following(json: connection.json, noWait: noWait, takesBack: takesBack)
            try await following.show(deployment, client)
        }
    }
}
