// SPDX-License-Identifier: Apache-2.0
import Core
public import DataSafety
import HostSystem

extension PostgresDatabaseServer: TableRestorer {
    /// Brings a table back; see ``DataSafety/TableRestorer``.
    public func restore(
        _ table: RestoredTable,
        into database: DatabaseTarget,
        from feed: DumpFeed,
    ) async throws -> (table: String, columns: String) {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: packages)
        let restore = try await TableRestore(
            table: table,
            cluster: cluster,
            programs: programs,
            database: database.name,
            deadline: deadline,
            from: feed,
        )
        try await restore.refuseTaken()
        do {
            try await restore.make()
            try await restore.fill(from: feed)
            try await restore.compare()
            try await restore.name()
        } catch {
            // In a task of its own, since this one may be cancelled. What made it fail matters more than a table that can't be dropped: the
            // next restore of a table drops it.
            let dropping = Task(name: "removal of a half-restored table") { try await restore.drop() }
            guard case .failure = await dropping.result else { throw error }
            var failure = Failure.wrapping(error, doing: "restoring \(table.source)")
            failure.evidence.append("\(restore.unfinished) is left, and half-filled")
            throw failure
        }
        return (restore.made, restore.columns)
    }
}

/// One table on its way back, as the role that the application has, which may no more than the application.
private struct TableRestore {
    /// The new table as SQL writes it.
    let made: String
    /// The same while it is not complete; there is one of these at a time, by the database's lock.
    let unfinished: String
    /// Those that are filled: `id, note`.
    let columns: String
    private let finalName: String
    private let table: RestoredTable
    private let cluster: ClusterAccess
    private let programs: PostgresPrograms
    private let database: String
    private let deadline: Duration
    private let create: String
    private let endpoint: PostgresEndpoint
    private let password: Secret

    /// What must be left free for the server while the table fills its disk.
    private static let reserve = ByteCount.mebibytes(512)

    /// Reads how the table was made from the beginning of the dump.
    init(
        table: RestoredTable,
        cluster: ClusterAccess,
        programs: PostgresPrograms,
        database: String,
        deadline: Duration,
        from feed: DumpFeed,
    ) async throws {
        let reader = TableReader(table.source)
        do {
            try await feed { bytes in
                _ = try await reader.rows(in: bytes)
                if await reader.knowsObjects { throw TableReader.Enough() }
            }
        } catch is TableReader.Enough {
            // The rest is read when it is needed.
        }
        (made, _, _) = try await reader.statements(of: table, as: nil)
        finalName = try await reader.finalName(of: table)
        (unfinished, create, columns) = try await reader.statements(of: table, as: "opshub_restoring")
        guard let password = try GeneratedPassword.read(cluster.folder.password) else {
            throw Failure(.damagedState, "\(cluster.folder.password) is gone")
        }
        (self.table, self.cluster, self.programs) = (table, cluster, programs)
        (self.database, self.deadline, self.password) = (database, deadline, password)
        endpoint = PostgresEndpoint(
            host: "127.0.0.1",
            port: cluster.record.port,
            database: database,
            user: cluster.record.database,
            password: password,
        )
        .named("opshub restore")
    }

    func refuseTaken() async throws {
        let taken = try await telling("looking for \(made)") {
            try await PostgresSession.with(endpoint) {
                try await $0.query("SELECT to_regclass($1) IS NOT NULL", [made]).first?.isTrue(0)
            }
        }
        if taken == true { throw Self.taken(made) }
    }

    private static func taken(_ name: String) -> Failure {
        Failure(
            .conflict,
            "there is a table \(name) already",
            hint: "give the new one another name: --as NAME",
        )
    }

    /// For its owner alone, whatever others are given of new tables.
    func make() async throws {
        do {
            try await PostgresSession.with(endpoint) { session in
                try await session.query("DROP TABLE IF EXISTS \(unfinished)")
                try await session.query("BEGIN")
                try await session.query(create)
                let others = try await session.query(
                    """
                    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                    FROM pg_class c CROSS JOIN aclexplode(c.relacl) AS a
                    WHERE c.oid = $1::regclass AND a.grantee <> c.relowner
                    """,
                    [unfinished],
                )
                for other in others {
                    try await session.query("REVOKE ALL ON \(unfinished) FROM \(other[0])")
                }
                try await session.query("COMMIT")
            }
        } catch let error as PostgresError where !error.isUnavailable {
            throw Failure(
                .conflict,
                "\(table.source) can't be made as it was: \(error.message)",
                hint: "restore the whole backup into another environment, and copy its rows from there",
                evidence: [create],
            )
        }
    }

    func fill(from feed: DumpFeed) async throws {
        try requireRoom()
        let program = Program(
            programs.path(of: "psql"),
            [
                "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1",
                "--command=COPY \(unfinished) (\(columns)) FROM STDIN",
            ],
            in: "/",
            environment: [
                "PATH": ExecutablePath.folders, "LC_ALL": "C.UTF-8", "PGHOST": "127.0.0.1",
                "PGPORT": "\(cluster.record.port)", "PGUSER": cluster.record.database,
                "PGPASSWORD": password.revealed(), "PGDATABASE": database, "PGPASSFILE": "/dev/null",
                "PGAPPNAME": "opshub restore", "PGCLIENTENCODING": table.encoding,
                "PGOPTIONS": "-c statement_timeout=0 -c lock_timeout=0 -c intervalstyle=postgres",
            ],
            inheritsEnvironment: false,
            deadline: deadline,
        )
        let source = table.source
        let (result, _) = try await StreamedProgram(program: program)
            .feed { sink in
                let reader = TableReader(source)
                try await feed { bytes in
                    let rows = try await reader.rows(in: bytes)
                    guard !rows.isEmpty else { return }
                    if await reader.isDue(after: rows.count) { try requireRoom() }
                    try await sink(rows)
                }
            }
        guard !result.isSuccess else { return }
        try requireRoom()
        throw Failure(
            .backupFailed,
            "the rows of \(table.source) do not go into the new table: \(result.errors.lastLines(1).first ?? result.endingInWords)",
            evidence: result.errors.lastLines(20),
        )
    }

    /// Reads back what was written.
    func compare() async throws {
        let dump = DatabaseDump(cluster: cluster, programs: programs, database: database, deadline: deadline)
        let found = try await dump.rows(of: unfinished)
        guard let found, found.rows == table.content.rows,
            table.content.digest == nil || found.digest == table.content.digest
        else {
            throw Failure(
                .backupFailed,
                "what was restored has not the rows that \(table.source) had: \(found?.rows ?? 0) came, of \(table.content.rows)",
            )
        }
    }

    /// Only now it is called what people look for.
    func name() async throws {
        do {
            try await PostgresSession.with(endpoint) {
                _ = try await $0.query("ALTER TABLE \(unfinished) RENAME TO \(SQLName.quoted(finalName))")
            }
        } catch let error as PostgresError where error.sqlState == "42P07" {
            throw Self.taken(made)
        }
    }

    func drop() async throws {
        try await PostgresSession.with(endpoint) {
            _ = try await $0.query("DROP TABLE IF EXISTS \(unfinished)")
        }
    }

    private func requireRoom() throws(Failure) {
        let left = try DiskSpace.available(at: cluster.folder.data)
        guard left < Self.reserve else { return }
        throw Failure(
            .diskFull,
            "only \(left) are left where \(cluster.folder.data) is, and the server needs some of it",
            hint: "remove what is not needed; nothing was changed",
        )
    }
}

/// Takes one table's rows out of a dump as it goes by.
private actor TableReader {
    /// Nothing more is to be read.
    struct Enough: Error {}

    private var reader = ArchiveReader()
    private var bytes = 0

    init(_ table: String) { reader.extract = TableExtract(table) }

    var knowsObjects: Bool { reader.knowsObjects }

    func rows(in bytes: [UInt8]) throws -> [UInt8] {
        try reader.read(bytes)
        return reader.takeExtract()
    }

    func statements(
        of table: RestoredTable,
        as name: String?,
    ) throws -> (name: String, create: String, columns: String) {
        guard let extract = reader.extract else { throw Failure(.unexpected, "nothing was read") }
        return try extract.statements { name ?? table.name ?? Self.name($0, table.suffix) }
    }

    /// What it is called in the end, without its schema.
    func finalName(of table: RestoredTable) throws -> String {
        guard let tag = reader.extract?.tag else { throw Failure(.unexpected, "nothing was read") }
        return table.name ?? Self.name(tag, table.suffix)
    }

    /// Whether so much has come that the disk is to be looked at again.
    func isDue(after count: Int) -> Bool {
        bytes += count
        guard bytes > 64 << 20 else { return false }
        bytes = 0
        return true
    }

    /// Both parts, within the 63 bytes that PostgreSQL keeps of a name.
    private static func name(_ old: String, _ suffix: String) -> String {
        var old = old
        while old.utf8.count + 1 + suffix.utf8.count > 63 { old.removeLast() }
        return "\(old)_\(suffix)"
    }
}
