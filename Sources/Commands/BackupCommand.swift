// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies of an environment's databases, proven by restores.",
        discussion: "Examples:\n  opshub backup create -e production\n  opshub backup verify b7",
        subcommands: [Create.self, List.self, Verify.self],
    )

    /// `opshub backup create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a backup now, and prove it by a restore.",
            discussion: "Example:\n  opshub backup create -e production",
        )

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let backups: [BackupView] = try await client.post(
                    "\(try await target.path(client))/backups",
                    DeployOrder(),
                )
                try Output.render(backups, json: connection.json) { BackupCommand.table(backups) }
            }
        }
    }

    /// `opshub backup list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List backups, newest first.",
            discussion: "Example:\n  opshub backup list -e production",
        )

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let backups: [BackupView] = try await client.get("\(try await target.path(client))/backups")
                try Output.render(backups, json: connection.json) { BackupCommand.table(backups) }
            }
        }
    }

    /// `opshub backup verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove a backup again: hash it, restore it, compare it.",
            discussion: "Example:\n  opshub backup verify b7",
        )

        @Argument(help: "The backup (b7).")
        var backup: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let view: BackupView = try await client.post("backups/\(backup)/verification", DeployOrder())
                try Output.render(view, json: connection.json) { BackupCommand.table([view]) }
            }
        }
    }

    static func table(_ backups: [BackupView]) -> String {
        var table = Table("BACKUP", "STATE", "DATABASE", "TAKEN", "SIZE", "REASON", "PROOF")
        for backup in backups {
            table.add(
                backup.id,
                backup.state,
                backup.database,
                backup.startedAt.formatted(.iso8601),
                backup.size.map { ByteCount($0).description } ?? "-",
                backup.reason,
                backup.proof ?? "-",
            )
        }
        return table.text
    }
}
