// SPDX-License-Identifier: Apache-2.0
import API
import Commands
import Core
import DataSafety
import HostSystem
import PostgresTools
import Synchronization
import Vault

/// Brings a backup back from its folder and the recovery key alone: no control plane, no home.
enum PortableRestore {
    /// Does it, tells how far it has come, and says what came back.
    static func run(
        _ order: FolderRestore,
        told tell: @escaping @Sendable (ProgressView) -> Void,
    ) async throws -> String {
        let key = try RecoveryKey(order.key)
        let folder = try BackupFolder(order.folder)
        let (backup, program) = (folder.backup, folder.backup.database.kind.unpacker)
        guard let content = backup.content else {
            throw Failure(.conflict, "the backup in \(order.folder) was never written to its end")
        }
        let tally = Tally(of: backup.id, total: content.encoding?.plain.size ?? content.seal.size, tell)
        switch order.target {
        case .file(let path):
            let dump = try await folder.write(to: path, key) { tally.add($0) }
            return
                "\(path): \(backup.database) as of \(backup.asOf), \(dump.encoding?.plain.size ?? dump.seal.size); restore it with \(program)"
        case .database(let url):
            guard backup.database.kind == .postgres else {
                throw Failure(
                    .invalid,
                    "\(backup.database) is no PostgreSQL database",
                    hint: "opshub backup restore --from \(order.folder) --key FILE --out FILE",
                )
            }
            let found = try await PortableDatabase(url: url)
                .restore(
                    content,
                    from: DumpFeed { sink in
                        _ = try await folder.read(key) { bytes in
                            try await sink(bytes)
                            tally.add(bytes.count)
                        }
                    },
                )
            return
                "\(backup.database) as of \(backup.asOf): \(backup.database.isTheSame(tables: found.tables.count, rows: found.rows)) as when it was taken"
        }
    }
}

/// Counts what has passed, and tells it.
private final class Tally: Sendable {
    private let id: BackupID
    private let total: ByteCount
    private let begin = ContinuousClock.now
    private let tell: @Sendable (ProgressView) -> Void
    private let done = Atomic<Int64>(0)

    init(of id: BackupID, total: ByteCount, _ tell: @escaping @Sendable (ProgressView) -> Void) {
        (self.id, self.total, self.tell) = (id, total, tell)
    }

    func add(_ count: Int) {
        let done = done.add(Int64(count), ordering: .relaxed).newValue
        tell(
            ProgressView(
                of: "backup \(id)",
                stage: "restoring",
                seconds: (ContinuousClock.now - begin).inSeconds,
                done: done,
                total: total.bytes,
            )
        )
    }
}

extension DatabaseTarget.Kind {
    /// What reads what was dumped.
    fileprivate var unpacker: String {
        switch self {
        case .postgres: "pg_restore"
        case .redis: "redis-server, as its dump.rdb"
        case .cluster: "tar, and the server's log since then: by itself no server starts with it"
        case .folder: "tar --no-same-owner -xpf FILE -C FOLDER, as the account that is to own it"
        }
    }
}
