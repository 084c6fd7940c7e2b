// SPDX-License-Identifier: Apache-2.0
import Synchronization
import API
import ArgumentParser
import Client
import Core
import Foundation

/// `opshub backup restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a backup back: into an environment, or from its folder on any machine.",
        discussion: """
            With -e: the backup is restored beside the database and compared; then writers are kept out, a last backup of the \
            present state is taken, the two databases exchange their names in one transaction, and the services are started \
            anew. Whatever fails, the database is as it was. The replaced one is kept for a while (backup.keep_old), and \
            --undo puts it back. What would be lost is shown before anything happens; --dry-run shows only that.

            With --at: the state of that moment, to the second, where the server's log was kept (archive: wal); a server of its own replays \
            it, and what comes of it is a backup like any other.

            With --table: only that table comes back, under another name beside the one that is there; every row is compared, and \
            nothing else is touched. Which rows you want of it, SQL says.

            With --from: needs no control plane and no home, only the backup's folder, the recovery key, and PostgreSQL's \
            programs of the version that the backup was made with. The database must be empty; every table is compared with \
            what the backup says that it held. Without a database the dump is written to a file as pg_restore reads it: --out, or \
            b7.dump here; it is in clear there, for its owner alone.

            Examples:
              opshub backup restore b7 -e production --dry-run
              opshub backup restore b7 -e production
              opshub backup restore --at '2026-11-22 10:41:30' -e production
              opshub backup restore --undo d15 -e production
              opshub backup restore b7 -e staging --mask mask.sql
              opshub backup restore b7 -e production --table public.orders
              opshub backup restore --from /mnt/backups/b7 --key recovery.key --to postgresql://me@localhost/empty
              opshub backup restore --from /mnt/backups/b7 --key recovery.key --out b7.dump
            """,
    )

    @Argument(help: "The backup (b7); the newest verified one when not said.")
    var backup: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The environment to restore into.", valueName: "env"))
    var environment: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The project; that of ./opshub.yml when not said.", valueName: "name"),
    )
    var project: String?

    @Option(
        help: ArgumentHelp(
            "A moment instead of a backup, in UTC unless it says its offset.",
            valueName: "time",
        )
    )
    var at: String?

    @Option(help: ArgumentHelp("Whose moment, where several servers' logs are kept.", valueName: "name"))
    var accessory: String?

    @Option(help: ArgumentHelp("The restore to take back.", valueName: "deployment"))
    var undo: String?

    @Option(
        help: ArgumentHelp(
            "A file with SQL that runs on the data before anybody sees them, as the application's role.",
            valueName: "file",
        )
    )
    var mask: String?

    @Option(
        help: ArgumentHelp("Bring back this table alone, beside the one that is there.", valueName: "name")
    )
    var table: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "What it is called then; its name and the backup's when not said.",
            valueName: "name",
        ),
    )
    var newName: String?

    @Option(help: ArgumentHelp("The environment's name, again; asked for when not said.", valueName: "env"))
    var confirm: String?

    @Flag(name: .customLong("dry-run"), help: "Only say what it would mean.")
    var dryRun = false

    @Flag(name: .customLong("no-wait"), help: "Return once the restore is accepted.")
    var noWait = false

    @Option(help: ArgumentHelp("A backup's folder: dump and manifest.json.", valueName: "folder"))
    var from: String?

    @Option(help: ArgumentHelp("A file with the recovery key.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("An empty database to restore into.", valueName: "url"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "A file to write the dump to instead; b7.dump when neither is said.",
            valueName: "file",
        )
    )
    var out: String?

    @OptionGroup var connection: Connection

    func validate() throws {
        if from == nil {
            guard environment != nil else {
                throw ValidationError("Say where to: -e ENV, or --from FOLDER with --key FILE.")
            }
            guard key == nil, to == nil, out == nil else {
                throw ValidationError("--key, --to and --out go with --from FOLDER, not with -e ENV.")
            }
            guard at == nil || (undo == nil && backup == nil) else {
                throw ValidationError(
                    "--at goes with no backup and no --undo: it makes a backup of that moment."
                )
            }
            guard accessory == nil || at != nil else { throw ValidationError("--accessory goes with --at.") }
            guard undo == nil || (backup == nil && mask == nil) else {
                throw ValidationError(
                    "--undo puts back what was there: it goes with no backup and no --mask."
                )
            }
            guard table == nil || (undo == nil && mask == nil && !dryRun && !noWait && confirm == nil) else {
                throw ValidationError(
                    "--table goes with a backup and --as alone: it changes nothing that is there."
                )
            }
            guard newName == nil || table != nil else { throw ValidationError("--as goes with --table.") }
        } else {
            guard at == nil, accessory == nil, environment == nil, backup == nil, undo == nil, mask == nil,
                table == nil, newName == nil
            else {
                throw ValidationError("--from FOLDER goes with --key and --to or --out alone.")
            }
            guard key != nil else { throw ValidationError("Say --key FILE: the recovery key.") }
            guard to == nil || out == nil else {
                throw ValidationError("Say where to: either --to URL or --out FILE.")
            }
        }
    }

    func run() async throws {
        if let from { return try await restore(folder: from) }
        var target = Target()
        (target.environment, target.project) = (environment ?? "", project)
        let source = try await backupOfMoment(target) ?? backup
        if let table { return try await restore(table: table, of: source, target) }
        let order = RestoreOrder(backup: source, undo: undo, masking: try mask.map { try Self.text(of: $0) })
        try await RestoreDialog(target: target, connection: connection, dryRun: dryRun, noWait: noWait)
            .run(order, confirm: confirm)
    }

    /// The backup that is made of the moment that is wanted; nil when none is.
    private func backupOfMoment(_ target: Target) async throws -> String? {
        guard let at else { return nil }
        let order = BackupOrder(asOf: try MomentText.moment(at), accessory: accessory, isProven: false)
        let made: [BackupView] = try await connection.use { client in
            let path = try await target.path(client)
            return try await ProgressText.watched(path, client) {
                try await client.post("\(path)/backups", order)
            }
        }
        return made.first?.id
    }

    private func restore(table: String, of backup: String?, _ target: Target) async throws {
        try await connection.use { client in
            let path = try await target.path(client)
            let order = TableRestoreOrder(backup: backup, table: table, name: newName)
            let view: RestoredTableView = try await ProgressText.watched(path, client) {
                try await client.post("\(path)/restores/tables", order)
            }
            try Output.render(view, json: connection.json) { RestoreText.lines(view) }
        }
    }

    private func restore(folder: String) async throws {
        guard let work = Verbs.folderRestore.withLock({ $0 }) else {
            throw Failure(.unexpected, "this program can't restore")
        }
        let destination = to.map { FolderRestore.Target.database(Secret($0)) } ?? .file(out)
        let text = Secret(
            try Self.text(of: key ?? "", hint: "it is what 'opshub backup export-key' printed")
        )
        let order = FolderRestore(folder: folder, key: text, target: destination)
        let last = LastProgress()
        Output.line(
            try await ProgressText.watched({ last.all }) { try await work(order) { last.note($0) } }
        )
    }

    private static func text(of path: String, hint: String? = nil) throws(Failure) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.notFound, "\(path) can't be read", hint: hint)
        }
        return String(decoding: data, as: UTF8.self)
    }
}
