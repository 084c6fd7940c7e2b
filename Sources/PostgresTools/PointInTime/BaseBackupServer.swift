// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem
import FoundationEssentials

/// Copies all files of a server with `pg_basebackup`, to begin recoveries with, and proves the copies by starting servers with them.
public struct BaseBackupServer: DatabaseServer {
    let databases: PostgresDatabaseServer
    let vault: any LogVault

    /// A server of a home's accessories, and the archive of their logs.
    public init(_ databases: PostgresDatabaseServer, vault: any LogVault) {
        (self.databases, self.vault) = (databases, vault)
    }

    /// Copies the files; see ``DataSafety/DatabaseServer``.
    ///
    /// Without the part of the log that they need to fit each other: the archive has it, by the time that this returns.
    public func dump(
        _ database: DatabaseTarget,
        into sink: @escaping DumpSink,
    ) async throws -> DumpedDatabase {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: databases.layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: databases.packages)
        guard let stream = try LogReceiver.stream(cluster.folder) else {
            throw Failure(
                .conflict,
                "the log of \(database) is not received",
                hint: "say 'archive: wal' and deploy",
            )
        }
        var program = try cluster.program(
            programs.path(of: "pg_basebackup"),
            [
                "--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast",
                "--manifest-checksums=SHA256",
            ],
            database: "postgres",
            deadline: databases.deadline,
        )
        program.isBackground = true
        let call = program
        return try await BackgroundPriority.run {
            try await telling("copying the files of \(database)") {
                try await PostgresSession.with(cluster.record.endpoint("postgres", as: "backup").unswayed) {
                    session in
                    let archive = BaseArchive()
                    _ = try await StreamedProgram(program: call)
                        .stream { bytes in
                            try await archive.read(bytes)
                            try await sink(bytes)
                        }
                        .checked(.backupFailed, doing: "copying the files of \(database)")
                    let manifest = try await archive.finish()
                    let base = BaseBackup(
                        stream: stream,
                        timeline: manifest.timeline,
                        start: manifest.log.lowerBound,
                        end: manifest.log.upperBound,
                    )
                    try await databases.awaitReceiver(session, base.end, database, cluster)
                    guard try LogReceiver.stream(cluster.folder) == stream else {
                        throw Failure(
                            .backupFailed,
                            "a part of the log was lost while the files of \(database) were copied",
                            isRetryable: true,
                        )
                    }
                    let (identity, _) = try await ServerIdentity.read(session)
                    let size = try await session.query("SELECT sum(pg_database_size(oid)) FROM pg_database")
                    return DumpedDatabase(
                        server: identity,
                        tool: "pg_basebackup \(try await programs.version(of: "pg_basebackup"))",
                        fingerprint: manifest.fingerprint,
                        databaseSize: ByteCount(size.first?.integer(0) ?? 0),
                        base: base,
                    )
                }
            }
        }
    }

    /// Starts a server with the files; see ``DataSafety/DatabaseServer``.
    public func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        guard let content = backup.content else {
            throw Failure(.conflict, "backup \(backup.id) has no content to restore")
        }
        let shelf = LogShelf(
            source: databases,
            vault: vault,
            cluster: backup.database,
            stream: content.base?.stream ?? "",
        )
        let recovery = ClusterRecovery(
            databases: databases,
            target: backup.database,
            content: content,
            log: { try await shelf.read($0, into: $1) },
        )
        return try await BackgroundPriority.run {
            try await recovery.lend(backup.id, to: nil, from: feed) { server, manifest in
                try await telling("starting a server with backup \(backup.id)") {
                    try await PostgresSession.with(server.endpoint("postgres")) { session in
                        (manifest.fingerprint, try await ServerIdentity.version(session))
                    }
                }
            }
        }
    }

    /// None: drills of whole servers lie among those of their databases.
    public func clearDrills(
        beside database: DatabaseTarget,
        but running: Set<BackupID>,
    ) async throws -> [BackupID] { [] }

    /// Refused: all of a server's files are no database.
    public func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        throw Self.refusal
    }

    /// Refused.
    public func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] { throw Self.refusal }

    /// Refused.
    public func fingerprint(
        of scratch: ScratchDatabase
    ) async throws -> (DatabaseFingerprint, serverVersion: String) { throw Self.refusal }

    /// Refused.
    public func drop(_ scratch: ScratchDatabase) async throws { throw Self.refusal }

    private static let refusal = Failure(
        .conflict,
        "all of a server's files are no database",
        hint: "go back to a moment with them: opshub backup restore --at TIME -e ENV",
    )
}
