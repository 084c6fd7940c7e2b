// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem
import FoundationEssentials

/// Copies all files of a server with `pg_basebackup`, to begin recoveries with, and proves the copies by starting servers with them.
public struct BaseBackupServer: DatabaseServer {
    let databases: PostgresDatabaseServer

    /// A server of a home's accessories.
    public init(_ databases: PostgresDatabaseServer) {
        self.databases = databases
    }

    /// Copies the files; see ``DataSafety/DatabaseServer``.
    ///
    /// With the part of the log in them that they need to fit each other.
    public func dump(
        _ database: DatabaseTarget,
        into sink: @escaping DumpSink,
    ) async throws -> DumpedDatabase {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: databases.layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: databases.packages)
        var program = try cluster.program(
            programs.path(of: "pg_basebackup"),
            [
                "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--verbose",
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
                    // The log that is written meanwhile is copied at the end, and must still be there; the slot ends with the session.
                    let slot = "opshub_base_\(UInt32.random(in: 0 ... .max))"
                    try await session.query(
                        "SELECT pg_create_physical_replication_slot($1, true, true)",
                        [slot],
                    )
                    let archive = BaseArchive()
                    let result = try await StreamedProgram(program: call)
                        .stream { bytes in
                            try await archive.read(bytes)
                            try await sink(bytes)
                        }
                        .checked(.backupFailed, doing: "copying the files of \(database)")
                    let (identity, _) = try await ServerIdentity.read(session)
                    let size = try await session.query("SELECT sum(pg_database_size(oid)) FROM pg_database")
                    return DumpedDatabase(
                        server: identity,
                        tool: "pg_basebackup \(try await programs.version(of: "pg_basebackup"))",
                        fingerprint: try await archive.finish(),
                        databaseSize: ByteCount(size.first?.integer(0) ?? 0),
                        base: try Self.base(result.errors),
                    )
                }
            }
        }
    }

    /// Starts a server with the files; see ``DataSafety/DatabaseServer``.
    public func drill(
        _ backup: Backup,
        from feed: @escaping DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        guard let content = backup.content else {
            throw Failure(.conflict, "backup \(backup.id) has no content to restore")
        }
        let recovery = ClusterRecovery(databases: databases, target: backup.database, content: content)
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
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: @escaping DumpFeed,
    ) async throws { throw Self.refusal }

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

    /// Where in the log it was made, from what `pg_basebackup --verbose` says.
    static func base(_ said: String) throws(Failure) -> BaseBackup {
        guard let start = said.firstMatch(of: /log start point: ([0-9A-F]+\/[0-9A-F]+) on timeline (\d+)/),
            let end = said.firstMatch(of: /log end point: ([0-9A-F]+\/[0-9A-F]+)/),
            let first = LogPosition(String(start.1)), let last = LogPosition(String(end.1)),
            let timeline = UInt32(start.2)
        else {
            throw Failure(
                .backupFailed,
                "pg_basebackup did not say where in the log it copied",
                evidence: said.lastLines(10),
            )
        }
        return BaseBackup(timeline: timeline, start: first, end: last)
    }
}
