// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
public import Core
import Foundation
import Synchronization

/// What `opshub backup restore --from` is asked to do.
public struct FolderRestore: Sendable, Hashable {
    /// Where a restored dump goes.
    public enum Target: Sendable, Hashable {
        /// An empty database, by URL.
        case database(Secret)
        /// A file in `pg_dump`'s custom format.
        case file(String)
    }

    /// The backup's folder.
    public var folder: String
    /// The recovery key's text.
    public var key: Secret
    /// Where to.
    public var target: Target
}

/// `opshub backup restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a backup back from its folder, on any machine.",
        discussion: """
            Needs no control plane and no home: the backup's folder, the recovery key, and PostgreSQL's programs of the \
            version that the backup was made with. The database must be empty; every table is compared with what the backup \
            says that it held. With --out the dump is written as pg_restore reads it.

            Examples:
              export PGPASSWORD=…   # or ~/.pgpass: a URL can be seen in the list of processes
              opshub backup restore --from /mnt/backups/b7 --key recovery.key --to postgresql://me@localhost/empty
              opshub backup restore --from /mnt/backups/b7 --key recovery.key --out b7.dump
            """,
    )

    @Option(help: ArgumentHelp("The backup's folder: dump and manifest.json.", valueName: "folder"))
    var from: String

    @Option(help: ArgumentHelp("A file with the recovery key.", valueName: "file"))
    var key: String

    @Option(help: ArgumentHelp("An empty database to restore into.", valueName: "url"))
    var to: String?

    @Option(help: ArgumentHelp("A file to write the dump to instead.", valueName: "file"))
    var out: String?

    func validate() throws {
        guard (to == nil) != (out == nil) else {
            throw ValidationError("Say where to: either --to URL or --out FILE.")
        }
    }

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: key) else {
            throw Failure(
                .notFound,
                "there is no \(key)",
                hint: "it is what 'opshub backup export-key' printed",
            )
        }
        guard let work = Verbs.folderRestore.withLock({ $0 }) else {
            throw Failure(.unexpected, "this program can't restore")
        }
        let target = to.map { FolderRestore.Target.database(Secret($0)) } ?? .file(out ?? "")
        let text = Secret(String(decoding: data, as: UTF8.self))
        Output.line(try await work(FolderRestore(folder: from, key: text, target: target)))
    }
}
