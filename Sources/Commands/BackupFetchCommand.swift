// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client

/// `opshub backup fetch`.
struct BackupFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Bring a backup's files back from a store.",
        discussion: """
            For one whose files are missing here, or that was made by an OpsHub whose machine is gone. Every byte is compared \
            with what was sent; then the backup is as any other, and can be restored.

            Examples:
              opshub store show spaces -e production
              opshub backup fetch b7 --store spaces -e production
            """,
    )

    @Argument(help: "The backup (b7).")
    var backup: String

    @Option(help: "The store that has it.")
    var store: String

    @OptionGroup var target: Target
    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            let path = try await target.path(client)
            let order = FetchOrder(backup: backup, store: store)
            let view: BackupView = try await ProgressText.watched(path, client) {
                try await client.post("\(path)/backups/fetch", order)
            }
            try Output.render(view, json: connection.json) { BackupCommand.table([view]) }
            if view.state == "written" {
                Output.say(
                    "another OpsHub has made it; prove it before you rely on it: opshub backup verify \(view.id)"
                )
            }
        }
    }
}
