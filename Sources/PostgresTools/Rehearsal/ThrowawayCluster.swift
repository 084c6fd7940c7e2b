// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem

/// A throwaway server with the roles of an accessory's own, and an empty copy of one database.
struct ThrowawayCluster {
    /// The accessory's own server.
    let original: ClusterAccess
    /// The database that is copied.
    let target: DatabaseTarget
    /// Where empty clusters are.
    let templates: String
    /// What keeps a migration and the copying of its schema apart.
    let lock: PostgresDatabaseLock
    /// PostgreSQL's programs.
    let programs: PostgresPrograms
    /// What keeps it running meanwhile.
    let supervisor: Supervisor
    /// How long it may take to start.
    let patience: Duration
    /// How long a dump or restore of the schema may take.
    let deadline: Duration

    private static func folder(of original: ClusterFolder) -> ClusterFolder {
        ClusterFolder(path: "\(original.path)/rehearsal")
    }

    /// Removes what is there of one.
    ///
    /// Idempotent.
    static func remove(of original: ClusterFolder, _ supervisor: Supervisor) async throws {
        try await ThrowawayServer.remove(folder(of: original), supervisor)
    }

    /// Makes one, lends it, and removes it whatever happens.
    ///
    /// Throws `disk-full` before it takes what the real server needs.
    func lend<Result: Sendable>(
        _ body: @Sendable @escaping (Lent) async throws -> Result
    ) async throws -> Result {
        try await refuseOutsiders()
        guard let owner = SystemUser.find(name: original.record.account) else {
            throw Failure(.damagedState, "the account \(original.record.account) is gone")
        }
        let folder = Self.folder(of: original.folder)
        let recording = "\(folder.path)/recording"
        let server = ThrowawayServer(
            original: original,
            owner: owner,
            folder: folder,
            use: .rehearsal(recording: recording),
            files: .empty(templates: templates),
            programs: programs,
            supervisor: supervisor,
            patience: patience,
        )
        let room = ThrowawayServer.Room(
            needed: .mebibytes(2048),
            kept: .mebibytes(1024),
            purpose: "a rehearsal",
        )
        return try await server.lend(within: room) { server in
            try await body(try await fill(server, recording))
        }
    }

    /// What the database reaches others through, the copy would reach too.
    private func refuseOutsiders() async throws {
        let found = try await onOriginal { try await $0.query(Self.outsiderQuery).map { $0[0] } }
        guard !found.isEmpty else { return }
        throw Failure(
            .conflict,
            "the database reaches others through \(found.joined(separator: ", ")), and so would its copy; it is not rehearsed",
        )
    }

    /// Runs questions on the real database, none of which may keep anybody waiting.
    func onOriginal<Result: Sendable>(_ body: (PostgresSession) async throws -> Result) async throws -> Result
    {
        let endpoint = original.record.endpoint(database, as: "rehearsal").unswayed
            .with(settings: ["lock_timeout": "2000", "statement_timeout": "60000"])
        return try await PostgresSession.with(endpoint, body: body)
    }

    private var database: String { target.name }

    /// One that runs.
    struct Lent: Sendable {
        /// How to reach it as OpsHub.
        let access: ClusterAccess
        /// The role that owns the database.
        let owner: String
        /// How its owner reaches the copied database.
        let address: DatabaseAddress
        /// What its server logs as CSV.
        let log: String

        /// As `DATABASE_URL` has the copied database, or another one of the server.
        func url(of database: String? = nil) -> Secret {
            var address = address
            address.database = database ?? address.database
            return address.url
        }
    }

    private func fill(_ server: ClusterServer, _ recording: String) async throws -> Lent {
        let access = ClusterAccess(folder: server.folder, record: server.record(database: database))
        var generator = SystemRandomNumberGenerator()
        let password = try GeneratedPassword.keep(in: server.folder.password, using: &generator)
        let owner = try await copyRoles(to: access, password)
        return Lent(
            access: access,
            owner: owner,
            address: DatabaseAddress(
                host: "127.0.0.1",
                port: access.record.port,
                database: database,
                user: owner,
                password: password,
            ),
            log: "\(recording)/statements.csv",
        )
    }

    // MARK: What is copied

    /// Roles with what they may and what is set for them, without passwords; gives the one that owns the database this
    /// password, and returns its name.
    private func copyRoles(to access: ClusterAccess, _ password: Secret) async throws -> String {
        let (statements, owner, creation) = try await onOriginal { session in
            let rows = try await session.query(Self.roleQuery, [ClusterRecord.superuser])
            let about = try await session.query(Self.databaseQuery)
            return (rows.map { $0[0] }, about.first?[0] ?? "", about.first?[1] ?? "")
        }
        let settings = try await settings()
        try await PostgresSession.with(access.record.endpoint("postgres", as: "rehearsal")) { session in
            for statement in statements { try await session.query(statement) }
            let verifier = SQLName.literal(try await session.verifier(of: password, for: owner))
            try await session.query("ALTER ROLE \(SQLName.quoted(owner)) LOGIN PASSWORD \(verifier)")
            try await session.query(creation)
            for setting in settings { try await session.query(setting) }
        }
        return owner
    }

    /// What is set for this database and for roles (`ALTER ROLE … SET search_path`): it decides where tables are made.
    private func settings() async throws -> [String] {
        try await onOriginal { session in
            try await session.query(Self.settingQuery)
                .map { row in
                    let role = row[0].isEmpty ? nil : SQLName.quoted(row[0])
                    let place = row[1].isEmpty ? nil : SQLName.quoted(row[1])
                    let target =
                        role.map { "ROLE \($0)" + (place.map { " IN DATABASE \($0)" } ?? "") }
                        ?? "DATABASE \(place ?? "")"
                    let (name, value) = (row[2].prefix { $0 != "=" }, row[2].drop { $0 != "=" }.dropFirst())
                    // A list of names is kept as it was written, quotes and all.
                    let isList = name == "search_path"
                    return "ALTER \(target) SET \(SQLName.quoted(String(name))) TO "
                        + (isList
                            ? String(value).replacing("\"\"", with: "''") : SQLName.literal(String(value)))
                }
        }
    }

    /// Copies every definition, then the rows of these tables.
    func copySchema(to lent: Lent, withRowsOf tables: [String]) async throws {
        let dump = ByteSink()
        let program = try original.program(
            programs.path(of: "pg_dump"),
            [
                "--format=custom", "--compress=0", "--schema-only", "--no-subscriptions", "--no-tablespaces",
                "--lock-wait-timeout=2000",
            ],
            database: database,
            deadline: deadline,
        )
        // It locks every table against changes while it reads them, and a migration would give up on that.
        try await lock.hold(target, for: "a copy of its schema", waiting: .seconds(30)) {
            _ = try await StreamedProgram(program: program).stream { await dump.add($0) }
                .checked(doing: "reading the schema of \(target)")
        }
        let restore = try lent.access.program(
            programs.path(of: "pg_restore"),
            ["--exit-on-error", "--format=custom", "--dbname=\(database)"],
            database: database,
            deadline: deadline,
        )
        let (result, _) = try await StreamedProgram(program: restore).feed { try await $0(await dump.bytes) }
        _ = try result.checked(doing: "copying the schema of \(database)")
        for table in tables { try await copyRows(of: table, to: lent) }
        try await likenCopy(lent)
    }

    /// What a dump of the schema leaves out: who owns extensions, and that materialized views may be read.
    private func likenCopy(_ lent: Lent) async throws {
        let owners = try await onOriginal { session in
            try await session.query("SELECT extname, pg_get_userbyid(extowner) FROM pg_extension")
        }
        try await PostgresSession.with(lent.access.record.endpoint(database, as: "rehearsal")) { session in
            for row in owners where row[1] != ClusterRecord.superuser {
                try await session.query(
                    "UPDATE pg_extension SET extowner = (SELECT oid FROM pg_roles WHERE rolname = $2) WHERE extname = $1",
                    row.values,
                )
            }
            // One may read another, so those that can't be filled yet are tried again after the others.
            var left = try await session.query(Self.viewQuery).map { $0[0] }
            while !left.isEmpty {
                var refused: [String] = []
                for view in left {
                    do {
                        try await session.query("REFRESH MATERIALIZED VIEW \(view)")
                    } catch let error as PostgresError where !error.isUnavailable {
                        refused.append(view)
                    }
                }
                guard refused.count < left.count else { return }
                left = refused
            }
        }
    }

    private func copyRows(of table: String, to lent: Lent) async throws {
        let rows = try await onOriginal { try await $0.query("SELECT * FROM \(table)") }
        try await PostgresSession.with(lent.access.record.endpoint(database, as: "rehearsal")) { session in
            for row in rows {
                let places = (1...max(1, row.values.count)).map { "$\($0)" }.joined(separator: ", ")
                try await session.query("INSERT INTO \(table) VALUES (\(places))", row.values)
            }
        }
    }

    private static let roleQuery = """
        (SELECT format('CREATE ROLE %I %s %s %s %s %s', rolname,
            CASE WHEN rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END,
            CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
            CASE WHEN rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
            CASE WHEN rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
            CASE WHEN rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END)
        FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> $1 ORDER BY rolname)
        UNION ALL
        (SELECT format('GRANT %I TO %I', pg_get_userbyid(roleid), pg_get_userbyid(member))
            || CASE WHEN admin_option THEN ' WITH ADMIN OPTION' ELSE '' END
        FROM pg_auth_members WHERE pg_get_userbyid(member) !~ '^pg_' AND pg_get_userbyid(member) <> $1
        ORDER BY roleid, member)
        """
    private static let viewQuery = """
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'm' AND NOT c.relispopulated ORDER BY c.oid
        """
    /// Servers of other databases, and extensions that reach out of theirs.
    private static let outsiderQuery = """
        SELECT 'foreign server ' || srvname FROM pg_foreign_server
        UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname IN ('dblink', 'http', 'pg_net', 'plsh',
            'plpython3u', 'plperlu', 'pltclu', 'aws_s3', 'aws_lambda', 'pg_cron') ORDER BY 1
        """
    private static let databaseQuery = """
        SELECT pg_get_userbyid(datdba),
            format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L', datname,
                pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype)
        FROM pg_database WHERE datname = current_database()
        """
    private static let settingQuery = """
        SELECT r.rolname, d.datname, c
        FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
        WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
            AND (r.rolname IS NOT NULL OR d.datname IS NOT NULL) AND c !~ '^log_' ORDER BY 1, 2, 3
        """
}

/// Bytes as they come.
private actor ByteSink {
    private(set) var bytes: [UInt8] = []

    func add(_ more: [UInt8]) { bytes += more }
}
