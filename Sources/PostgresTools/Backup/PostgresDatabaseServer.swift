// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
public import HostSystem

/// Dumps and restores databases of this machine's PostgreSQL accessories with PostgreSQL's own programs.
///
/// The programs are always of the server's own major version: an older `pg_dump` refuses, and what a newer
/// one writes does not restore there.
public struct PostgresDatabaseServer: DatabaseServer {
    let layout: HomeLayout
    let packages: String
    let supervisor: Supervisor
    /// How long a server that is made for a drill may take to start.
    let patience: Duration
    /// What every program has, beside the limits of ``DataSafety/Backups``.
    let deadline: Duration

    /// A server of a home's accessories.
    ///
    /// - Parameters:
    ///   - layout: The home.
    ///   - supervisor: Keeps the servers of drills running.
    ///   - patience: How long such a server may take to start.
    ///   - deadline: How long one program may take.
    ///   - packages: Where the major versions are looked for.
    public init(
        layout: HomeLayout,
        supervisor: Supervisor = Supervisor(),
        patience: Duration = .seconds(120),
        deadline: Duration = .seconds(14_400),
        packages: String = PostgresPrograms.packaged,
    ) {
        self.layout = layout
        self.supervisor = supervisor
        self.patience = patience
        self.deadline = deadline
        self.packages = packages
    }

    /// What its tables take, without their indexes: rows are about as long as text.
    public func estimate(of database: DatabaseTarget) async throws -> ByteCount? {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        let endpoint = cluster.record.endpoint(database.name, as: "backup").unswayed
        let found = try await telling("asking how large \(database) is") {
            try await PostgresSession.with(endpoint) { session in
                // Asking for a table's size waits for whoever has locked it.
                try await session.query("SET lock_timeout = '1s'")
                return try await session.query(
                    """
                    SELECT sum(pg_table_size(oid))::bigint FROM pg_class
                    WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text !~ '^pg_|^information_schema$'
                    """
                )
            }
        }
        return found.first?.integer(0).map { ByteCount($0) }
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
            isBackground: true,
        )
        return try await BackgroundPriority.run {
            try await telling("dumping \(database)") {
                try await PostgresSession.with(cluster.record.endpoint(database.name, as: "backup").unswayed)
                {
                    session in
                    let quiet = QuietBackend(session: session)
                    async let origin = origin(of: cluster, programs)
                    let contents = try await dump.contents { bytes in
                        try await quiet.lower()
                        try await sink(bytes)
                    }
                    var dumped = try await described(contents, session, try await origin)
                    dumped.writes = try await WriteCounters.read(session)
                    return dumped
                }
            }
        }
    }

    /// What dumps a server, and the server's roles.
    func origin(
        of cluster: ClusterAccess,
        _ programs: PostgresPrograms,
    ) async throws -> (tool: String, roles: String) {
        (
            "pg_dump \(try await programs.version(of: "pg_dump"))",
            try await roles(of: cluster, programs),
        )
    }

    /// What is said of a dump of a session's database.
    func described(
        _ contents: ArchiveContents,
        _ session: PostgresSession,
        _ origin: (tool: String, roles: String),
    ) async throws -> DumpedDatabase {
        var fingerprint = DatabaseFingerprint(contents)
        fingerprint.extensions = try await ServerIdentity.extensions(session)
        let (identity, size) = try await ServerIdentity.read(session)
        return DumpedDatabase(
            server: identity,
            tool: origin.tool,
            fingerprint: fingerprint,
            databaseSize: size,
            roles: origin.roles,
        )
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
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] {
        let cluster = try ClusterAccess(scratch.accessory, of: scratch.environment, in: layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: packages)
        let restore = DatabaseRestore(
            access: cluster,
            programs: programs,
            deadline: deadline,
            hidesRows: heir != nil,
        )
        guard let content = backup.content else {
            throw Failure(.conflict, "backup \(backup.id) has no content to restore")
        }
        let outline = try await ArchiveOutline.read(from: feed)
        var made: [String] = []
        if let outline, let roles = content.roles {
            try await administer(scratch, "making the roles that backup \(backup.id) names") { session in
                made = try await NamedRoles(roles, in: outline, isOwned: heir == nil).missing(in: session)
                for name in made { try await session.query(NamedRoles.making(name)) }
            }
        }
        do {
            try await restore.run(
                scratch.name,
                content,
                outline,
                try await inheritance(of: scratch, by: heir),
                remaking: {
                    try await makeScratch(scratch, for: backup)
                    _ = try await inheritance(of: scratch, by: heir)
                },
                from: feed,
            )
        } catch var failure as Failure {
            // They stay, and the next attempt finds them there.
            failure.evidence += NamedRoles.remarks(made)
            throw failure
        }
        return NamedRoles.remarks(made)
    }

    /// Reads a scratch database; see ``DataSafety/DatabaseServer``.
    public func fingerprint(
        of scratch: ScratchDatabase
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let cluster = try ClusterAccess(scratch.accessory, of: scratch.environment, in: layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: packages)
        return try await cluster.fingerprint(of: scratch.name, programs, deadline: deadline)
    }

    /// Drops a scratch database; see ``DataSafety/DatabaseServer``.
    public func drop(_ scratch: ScratchDatabase) async throws {
        guard ScratchDatabase.isOwn(scratch.name) else {
            throw Failure(
                .conflict,
                "\(scratch.name) is none of OpsHub's own databases, so it is not dropped",
            )
        }
        let folder = ClusterFolder(scratch.accessory, of: scratch.environment, in: layout)
        try Folder.remove(folder.restoring(scratch.name))
        try await administer(scratch, "dropping the database \(scratch.name)") { session in
            try await session.query("DROP DATABASE IF EXISTS \(SQLName.quoted(scratch.name)) WITH (FORCE)")
        }
    }
}

/// Lowers the priority of the server's process that reads a database for a dump, once it is there.
private actor QuietBackend {
    private let session: PostgresSession
    private var isDone = false

    /// Asks which process it is through a session with the same database.
    init(session: PostgresSession) { self.session = session }

    func lower() async throws {
        guard !isDone else { return }
        isDone = true
        let found = try await session.query(
            """
            SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND usename = current_user AND application_name = current_setting('application_name')
            """
        )
        for row in found {
            // It has locks of the server's memory now and then, and everybody's queries wait for those.
            if let process = row.integer(0) { BackgroundPriority.lower(Int32(process), holdingUp: true) }
        }
    }
}
