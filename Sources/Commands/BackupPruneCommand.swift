// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub backup prune`.
struct BackupPruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove backups that are kept no longer, or say which and why.",
        discussion: """
            The same happens by itself after each scheduled backup, as backup: in opshub.yml says (keep_days, keep_last). The \
            last verified backup of a database, and those that a rollback may want, always stay.

            Examples:
              opshub backup prune -e production --dry-run
              opshub backup prune -e production
            """,
    )

    @OptionGroup var target: Target

    @Flag(help: "Only say what would be done, and why.")
    var dryRun = false

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            let path = "\(try await target.path(client))/backups/prune"
            let verdicts: [BackupVerdictView] =
                dryRun ? try await client.get(path) : try await client.post(path, DeployOrder())
            try Output.render(verdicts, json: connection.json) { Self.text(verdicts, dryRun: dryRun) }
        }
    }

    static func text(_ verdicts: [BackupVerdictView], dryRun: Bool) -> String {
        let going = verdicts.filter(\.goes).map(\.backup)
        guard dryRun else {
            let freed = ByteCount(going.compactMap(\.size).reduce(0, +))
            return going.isEmpty
                ? "Nothing to remove." : "Removed \(going.map(\.id).joined(separator: ", ")): \(freed)."
        }
        guard !verdicts.isEmpty else { return "There is no backup yet." }
        var table = Table("BACKUP", "STATE", "DATABASE", "TAKEN", "SIZE", "", "WHY")
        for verdict in verdicts {
            table.add(
                verdict.backup.id,
                verdict.backup.state,
                verdict.backup.database,
                verdict.backup.startedAt.formatted(.iso8601),
                verdict.backup.size.map { ByteCount($0).description } ?? "-",
                verdict.goes ? "goes" : "stays",
                verdict.goes ? "no rule keeps it" : verdict.reasons.joined(separator: ", "),
            )
        }
        return table.text
    }
}
