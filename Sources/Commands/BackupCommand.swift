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
        discussion: """
            Every backup is compressed and encrypted. Keep the recovery key where this machine is not: with it and a backup's \
            folder, 'opshub backup restore --from' brings the data back on any machine that has PostgreSQL.

            Examples:
              opshub backup create -e production
              opshub backup verify b7
              opshub backup prune -e production --dry-run
              opshub backup export-key > recovery.key
              opshub backup restore --from /mnt/b7 --key recovery.key --out b7.dump
            """,
        subcommands: [
            Create.self, List.self, BackupShowCommand.self, Verify.self, BackupPruneCommand.self,
            BackupFetchCommand.self,
            ExportKey.self, RestoreCommand.self,
        ],
    )

    /// `opshub backup create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a backup now, and prove it by a restore.",
            discussion: """
                With --at it is a backup of a database as it was at a moment; its server's log must have been kept then \
                (archive: wal). Nothing of the database that is there is touched.

                Examples:
                  opshub backup create -e production
                  opshub backup create -e production --at '2026-11-22 10:41:30'
                """,
        )

        @Option(help: ArgumentHelp("The moment, in UTC unless it says its offset.", valueName: "time"))
        var at: String?

        @Option(help: ArgumentHelp("Only this accessory.", valueName: "name"))
        var accessory: String?

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        func run() async throws {
            let order = BackupOrder(asOf: try at.map { try MomentText.moment($0) }, accessory: accessory)
            try await connection.use { client in
                let path = try await target.path(client)
                let backups: [BackupView] = try await ProgressText.watched(path, client) {
                    try await client.post("\(path)/backups", order)
                }
                try Output.render(backups, json: connection.json) { BackupCommand.table(backups) }
                try await BackupCommand.remind(client)
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
                let path = try await target.path(client)
                let backups: [BackupView] = try await client.get("\(path)/backups")
                try Output.render(backups, json: connection.json) { BackupCommand.table(backups) }
                let windows: [WindowView] = try await client.get("\(path)/windows")
                for window in windows { Output.say(BackupCommand.line(window)) }
                if !backups.isEmpty { try await BackupCommand.remind(client) }
            }
        }
    }

    /// `opshub backup export-key`.
    struct ExportKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export-key",
            abstract: "Print the key that every backup is encrypted with.",
            discussion: """
                Whoever has it and a backup has the data. Keep it where neither this machine nor the backups are.

                Example:
                  opshub backup export-key > recovery.key
                """,
        )

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let view: RecoveryKeyView = try await client.post("recovery-key/export", DeployOrder())
                try Output.render(view, json: connection.json) { view.key ?? "" }
                if !connection.json { Output.say("recovery key \(view.id)") }
            }
        }
    }

    /// `opshub backup verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove a backup again: hash it, restore it, compare it.",
            discussion: """
                With --offsite the copy in the store is fetched and restored instead of the one here.

                Examples:
                  opshub backup verify b7
                  opshub backup verify b7 --offsite
                """,
        )

        @Argument(help: "The backup (b7).")
        var backup: String

        @Flag(help: "Prove the copy that is in the store.")
        var offsite = false

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let (path, order) = ("backups/\(backup)", VerificationOrder(offsite: offsite ? true : nil))
                let view: BackupView = try await ProgressText.watched {
                    let detail: BackupDetailView = try await client.get(path)
                    return [detail.backup.progress].compactMap(\.self)
                } while: {
                    try await client.post("\(path)/verification", order)
                }
                try Output.render(view, json: connection.json) { BackupCommand.table([view]) }
            }
        }
    }

    /// Until somebody has the key, backups are lost with this machine.
    private static func remind(_ client: ControlPlaneClient) async throws {
        let key: RecoveryKeyView = try await client.get("recovery-key")
        guard !key.isExported else { return }
        Output.say(
            "nobody has the recovery key yet; without it no backup can be read elsewhere: opshub backup export-key > recovery.key"
        )
    }

    /// A line each; with a column for copies elsewhere where there are any.
    static func table(_ backups: [BackupView]) -> String {
        let hasCopies = backups.contains { $0.offsite != nil }
        var table = Table(
            ["BACKUP", "STATE"] + (hasCopies ? ["OFF-SITE"] : []) + [
                "DATABASE", "TAKEN", "SIZE", "REASON", "PROOF",
            ]
        )
        for backup in backups {
            let cells = [
                backup.database,
                backup.startedAt.formatted(.iso8601),
                backup.size.map { ByteCount($0).description } ?? "-",
                backup.reason,
                proof(backup),
            ]
            table.add([backup.id, backup.state] + (hasCopies ? [copy(backup.offsite)] : []) + cells)
        }
        return table.text
    }

    /// What the last drill found, and what is being done at this moment.
    private static func proof(_ backup: BackupView) -> String {
        let parts = [backup.proof, backup.progress.map(ProgressText.line)].compactMap(\.self)
        return parts.isEmpty ? "-" : parts.joined(separator: "; ")
    }

    /// What can be gone back to besides backups.
    private static func line(_ window: WindowView) -> String {
        let moments = MomentText.line(window.stretches.map { ($0.from, $0.to) })
        let problem = window.problem.map { "; not archived now: \($0)" } ?? ""
        let hint = window.stretches.isEmpty ? "" : " (opshub backup restore --at TIME)"
        return "\(window.database): \(moments)\(problem)\(hint)"
    }

    private static func copy(_ offsite: BackupView.Offsite?) -> String {
        guard let offsite else { return "-" }
        switch offsite.state {
        case "off-site": return offsite.store
        case "off-site verified": return "\(offsite.store), verified"
        default: return "NOT in \(offsite.store)"
        }
    }
}
