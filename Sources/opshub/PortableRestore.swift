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
        let hashing = Tally("hashing", backup.id, of: content.seal.size, then: "restoring", tell)
        let whole = content.encoding?.plain.size ?? content.seal.size
        let restoring = Tally("restoring", backup.id, of: whole, then: "comparing", tell)
        switch order.target {
        case .file(let name):
            let path = name ?? "\(backup.id).\(backup.database.kind.suffix)"
            let dump = try await folder.write(to: path, key) {
                hashing.add($0)
            } passing: {
                restoring.add($0)
            }
            return
                "\(path): \(backup.database) as of \(backup.asOf), \(dump.encoding?.plain.size ?? dump.seal.size), in clear; restore it with \(program)"
        case .database(let url):
            guard backup.database.kind == .postgres else {
                throw Failure(
                    .invalid,
                    "\(backup.database) is no PostgreSQL database",
                    hint: "opshub backup restore --from \(order.folder) --key FILE --out FILE",
                )
            }
            let (found, remarks) = try await PortableDatabase(url: url)
                .restore(
                    content,
                    from: DumpFeed { sink in
                        _ = try await folder.read(key) {
                            hashing.add($0)
                        } into: { bytes in
                            try await sink(bytes)
                            restoring.add(bytes.count)
                        }
                    },
                )
            let same = backup.database.isTheSame(tables: found.tables.count, rows: found.rows)
            return (["\(backup.database) as of \(backup.asOf): \(same) as when it was taken"] + remarks)
                .joined(separator: "; ")
        }
    }
}

/// Counts what has passed of one stage, and tells it; that the next one has begun once all of it has.
private final class Tally: Sendable {
    private let (stage, next): (String, String)
    private let id: BackupID
    private let total: ByteCount
    private let tell: @Sendable (ProgressView) -> Void
    private let state = Mutex<(begin: ContinuousClock.Instant, done: Int64)?>(nil)

    init(
        _ stage: String,
        _ id: BackupID,
        of total: ByteCount,
        then next: String,
        _ tell: @escaping @Sendable (ProgressView) -> Void,
    ) {
        (self.stage, self.next, self.id, self.total, self.tell) = (stage, next, id, total, tell)
    }

    func add(_ count: Int) {
        let (begin, done) = state.withLock { state in
            let now = (begin: state?.begin ?? .now, done: (state?.done ?? 0) + Int64(count))
            state = now
            return now
        }
        let isOver = done >= total.bytes
        tell(
            ProgressView(
                of: "backup \(id)",
                stage: isOver ? next : stage,
                seconds: isOver ? 0 : (ContinuousClock.now - begin).inSeconds,
                done: isOver ? 0 : done,
                total: isOver ? nil : total.bytes,
            )
        )
    }
}

extension DatabaseTarget.Kind {
    /// What a file of what was dumped is usually called.
    fileprivate var suffix: String {
        switch self {
        case .postgres: "dump"
        case .redis: "rdb"
        case .cluster, .folder: "tar"
        }
    }

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
