// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub backup show`.
struct BackupShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything that is known of a backup.",
        discussion: """
            Example:
              opshub backup show b7
              opshub backup show b7 --roles > roles.sql
            """,
    )

    @Argument(help: "The backup (b7).")
    var backup: String

    @Flag(help: "Only the server's roles, as SQL without passwords.")
    var roles = false

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            let view: BackupDetailView = try await client.get("backups/\(backup)")
            guard !roles else {
                guard view.kind == "postgres" else {
                    throw Failure(.notFound, "\(backup) is of no PostgreSQL database, so it has no roles")
                }
                guard let sql = view.roles else {
                    throw Failure(.notFound, "backup \(backup) was made before roles were kept with backups")
                }
                return Output.write(sql, to: 1)
            }
            try Output.render(view, json: connection.json) { Self.text(view) }
        }
    }

    private static func text(_ view: BackupDetailView) -> String {
        let backup = view.backup
        var lines = ["\(backup.id) of \(backup.database), \(backup.state)"]
        lines.append("  reason     \(backup.reason)")
        let end = view.writtenAt.map { ", written \($0.formatted(.iso8601))" } ?? ""
        lines.append("  taken      \(backup.startedAt.formatted(.iso8601))\(end)")
        if let proof = backup.proof { lines.append("  proof      \(proof)") }
        if let at = view.provenAt { lines.append("  proven     \(at.formatted(.iso8601))") }
        if let offsite = backup.offsite {
            let copied = offsite.copiedAt.map { ", read back \($0.formatted(.iso8601))" } ?? ""
            let proven = offsite.provenAt.map { ", restored from there \($0.formatted(.iso8601))" } ?? ""
            let problem = offsite.problem.map { ": \($0)" } ?? ""
            lines.append("  off-site   \(offsite.state), store \(offsite.store)\(copied)\(proven)\(problem)")
        }
        if let size = backup.size {
            let dumped = view.dumped.map { ", \(ByteCount($0)) before compression" } ?? ""
            let database = view.databaseSize.map { ", of \(ByteCount($0)) on the disk" } ?? ""
            lines.append("  size       \(ByteCount(size))\(dumped)\(database)")
        }
        if let sha256 = backup.sha256 { lines.append("  sha256     \(sha256)") }
        if view.tool != nil { lines.append("  key        \(view.key ?? "none: it is not encrypted")") }
        if let tool = view.tool, let server = view.server {
            lines.append("  made by    \(tool)\(view.kind == "postgres" ? " on \(server)" : "")")
        }
        lines += view.extensions.sorted { $0.key < $1.key }.map { "  extension  \($0.key) \($0.value)" }
        if view.definitions > 0 { lines.append("  holds      \(view.definitions) definitions") }
        lines += view.tables.map { table in
            let one = table.rows == 1
            switch view.kind {
            case "folder": return "  folder     \(table.name), \(table.rows) file\(one ? "" : "s")"
            case "cluster":
                return "  holds      \(table.rows) files of the whole server, to go back to moments with"
            case "redis": return "  holds      \(table.rows) key\(one ? "" : "s")"
            default: return "  table      \(table.name), \(table.rows) row\(one ? "" : "s")"
            }
        }
        lines += view.remarks.map { "  note       \($0)" }
        return lines.joined(separator: "\n")
    }
}
