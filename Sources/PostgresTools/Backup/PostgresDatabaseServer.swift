// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Dumps and restores databases of this machine's PostgreSQL accessories with PostgreSQL's own programs.
///
/// The programs are always of the server's own major version: an older `pg_dump` refuses, and what a newer
/// one writes does not restore there.
public struct PostgresDatabaseServer: DatabaseServer {
    let layout: HomeLayout
    let packages: String
    /// What every program has, beside the limits of ``DataSafety/Backups``.
    let deadline: Duration

    /// A server of a home's accessories.
    ///
    /// - Parameters:
    ///   - layout: The home.
    ///   - deadline: How long one program may take.
    ///   - packages: Where the major versions are looked for.
    public init(
        layout: HomeLayout,
        deadline: Duration = .seconds(14_400),
        packages: String = PostgresPrograms.packaged,
    ) {
        self.layout = layout
        self.deadline = deadline
        self.packages = packages
    }

    /// Makes a dump; see ``DataSafety/DatabaseServer``.
    public func dump(
        _ database: DatabaseTarget,
        into sink: @escaping DumpSink,
    ) async throws -> DumpedDatabase {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: packages)
        let dump = DatabaseDump(
            cluster: cluster,
            programs: programs,
            database: database.name,
            deadline: deadline,
        )
        return try await telling("dumping \(database)") {
            try await PostgresSession.with(cluster.record.endpoint(database.name, as: "backup").unswayed) {
                session in
                var fingerprint = DatabaseFingerprint(try await dump.contents(into: sink))
                fingerprint.extensions = try await ServerIdentity.extensions(session)
                let (identity, size) = try await ServerIdentity.read(session)
                return DumpedDatabase(
                    server: identity,
                    tool: "pg_dump \(try await programs.version(of: "pg_dump"))",
                    fingerprint: fingerprint,
                    databaseSize: size,
                    roles: try await roles(of: cluster, programs),
                    writes: try await WriteCounters.read(session),
                )
            }
        }
    }

    /// Makes an empty database; see ``DataSafety/DatabaseServer``.
    public func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        let cluster = try ClusterAccess(scratch.accessory, of: scratch.environment, in: layout)
        guard let content = backup.content else {
            throw Failure(.conflict, "backup \(backup.id) has no content to restore")
        }
        try requireSame(major: content.server.major, as: cluster, backup)
        try requireRoom(for: content.databaseSize, in: cluster)
        let name = SQLName.quoted(scratch.name)
        try await administer(scratch, "making the database \(scratch.name)") { session in
            try await session.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            try await session.query(
                """
                CREATE DATABASE \(name) TEMPLATE template0 ENCODING \(SQLName.literal(content.server.encoding))
                LC_COLLATE \(SQLName.literal(content.server.collation))
                LC_CTYPE \(SQLName.literal(content.server.characterType))
                """
            )
            try await session.query("REVOKE CONNECT, TEMPORARY ON DATABASE \(name) FROM PUBLIC")
            // Also whoever it will belong to.
            try await session.query("ALTER DATABASE \(name) CONNECTION LIMIT 0")
        }
        if scratch.environment != backup.database.environment {
            try await makeExtensions(of: content, in: scratch)
        }
    }

    /// Restores bytes; see ``DataSafety/DatabaseServer``.
    public func restore(
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: @escaping @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws {
        let cluster = try ClusterAccess(scratch.accessory, of: scratch.environment, in: layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: packages)
        let program = try cluster.program(
            programs.path(of: "pg_restore"),
            ["--exit-on-error", "--no-subscriptions", "--format=custom", "--dbname=\(scratch.name)"]
                + (try await inheritance(of: scratch, by: heir)),
            database: scratch.name,
            settings: ["synchronous_commit": "off", "statement_timeout": "0", "lock_timeout": "0"],
            deadline: deadline,
        )
        let (result, tookAll) = try await StreamedProgram(program: program).feed(from: feed)
        guard result.isSuccess, tookAll else {
            try await requireServer(cluster, scratch, result)
            throw Failure(
                .backupFailed,
                "pg_restore refused the dump: \(reason(result))",
                hint: "keep it for a look, and make another one: opshub backup create",
                evidence: ["$ \(program)"]
                    + result.errors.lastLines(20)
                    .filter { line in
                        // These show rows, which are another environment's then.
                        heir == nil || !(line.hasPrefix("CONTEXT:") || line.hasPrefix("DETAIL:"))
                    },
            )
        }
    }

    /// Reads a scratch database; see ``DataSafety/DatabaseServer``.
    public func fingerprint(
        of scratch: ScratchDatabase
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let cluster = try ClusterAccess(scratch.accessory, of: scratch.environment, in: layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: packages)
        let dump = DatabaseDump(
            cluster: cluster,
            programs: programs,
            database: scratch.name,
            deadline: deadline,
        )
        return try await telling("reading \(scratch.name)") {
            try await PostgresSession.with(cluster.record.endpoint(scratch.name, as: "drill").unswayed) {
                session in
                var fingerprint = DatabaseFingerprint(try await dump.contents())
                fingerprint.extensions = try await ServerIdentity.extensions(session)
                return (fingerprint, try await ServerIdentity.version(session))
            }
        }
    }

    /// Drops a scratch database; see ``DataSafety/DatabaseServer``.
    public func drop(_ scratch: ScratchDatabase) async throws {
        guard ScratchDatabase.isOwn(scratch.name) else {
            throw Failure(
                .conflict,
                "\(scratch.name) is none of OpsHub's own databases, so it is not dropped",
            )
        }
        try await administer(scratch, "dropping the database \(scratch.name)") { session in
            try await session.query("DROP DATABASE IF EXISTS \(SQLName.quoted(scratch.name)) WITH (FORCE)")
        }
    }

    /// Lists scratch databases; see ``DataSafety/DatabaseServer``.
    public func scratches(
        of accessory: AccessoryName,
        in environment: EnvironmentKey,
    ) async throws -> [ScratchDatabase] {
        let folder = ClusterFolder(accessory, of: environment, in: layout)
        guard let record = try ClusterRecord(folder) else { return [] }
        let query = "SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname"
        do {
            return try await PostgresSession.with(record.endpoint("postgres", as: "drill")) { session in
                try await session.query(query, [ScratchDatabase.prefix])
                    .map { row in
                        ScratchDatabase(environment: environment, accessory: accessory, name: row[0])
                    }
            }
        } catch let error as PostgresError where error.isUnavailable {
            return []
        }
    }
}
