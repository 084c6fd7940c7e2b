// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Exchanges databases of this machine's PostgreSQL accessories.
///
/// A database is shut by a connection limit of 0, which holds for everybody but superusers; the limit that it had is noted in a setting
/// of the database, which stays with it whatever its name becomes.
public struct PostgresDatabaseExchange: DatabaseExchange {
    let layout: HomeLayout
    let packages: String
    /// How long whoever is in a database has to go.
    private let patience: Duration

    /// Databases of a home's accessories.
    public init(
        layout: HomeLayout,
        patience: Duration = .seconds(30),
        packages: String = PostgresPrograms.packaged,
    ) {
        self.layout = layout
        self.patience = patience
        self.packages = packages
    }

    private static let limitSetting = "opshub.connection_limit"

    /// The setting that keeps a limit in mind while a database is shut.
    static func noted(_ limit: Int64) -> String { "\(limitSetting) = '\(limit)'" }

    // MARK: Shutting

    /// Shuts a database; see ``DataSafety/DatabaseExchange``.
    public func shut(_ database: DatabaseTarget) async throws {
        try await administer(database, "keeping writers out of \(database)") { session in
            try await shut(database.name, session)
            try await empty([database.name], session)
        }
    }

    /// Opens a database; see ``DataSafety/DatabaseExchange``.
    public func open(_ database: DatabaseTarget) async throws {
        try await administer(database, "letting everybody into \(database)") { session in
            for statement in try await opening(database.name, as: database.name, session) {
                try await session.query(statement)
            }
        }
    }

    private func shut(_ name: String, _ session: PostgresSession) async throws {
        let rows = try await session.query("SELECT datconnlimit FROM pg_database WHERE datname = $1", [name])
        guard let limit = rows.first?.integer(0) else {
            throw Failure(.notFound, "there is no database \(name)")
        }
        guard limit != 0 else { return }
        let quoted = SQLName.quoted(name)
        try await transaction(session) {
            try await session.query("ALTER DATABASE \(quoted) SET \(Self.noted(limit))")
            try await session.query("ALTER DATABASE \(quoted) CONNECTION LIMIT 0")
        }
    }

    /// What opens a database once it is called `later`; nothing when it is open.
    private func opening(
        _ name: String,
        as later: String,
        _ session: PostgresSession,
    ) async throws -> [String] {
        let settings = try await settings(of: name, session)
        guard let noted = settings.first(where: { $0.role == nil && $0.name == Self.limitSetting }),
            let limit = Int(noted.value)
        else { return [] }
        let quoted = SQLName.quoted(later)
        return [
            "ALTER DATABASE \(quoted) CONNECTION LIMIT \(limit)",
            "ALTER DATABASE \(quoted) RESET \(Self.limitSetting)",
        ]
    }

    /// Ends every session in these databases but those that come from OpsHub.
    private func empty(_ names: [String], _ session: PostgresSession, isWhole: Bool = false) async throws {
        let query = """
            SELECT format('%s of %s at %s', application_name, usename, coalesce(client_addr::text, 'the socket')),
                pg_terminate_backend(pid)
            FROM pg_stat_activity
            WHERE datname = ANY (string_to_array($1, chr(1))) AND pid <> pg_backend_pid()
              AND backend_type = 'client backend' AND (usename <> $2 OR $3 = 't')
            """
        let parameters = [names.joined(separator: "\u{1}"), ClusterRecord.superuser, isWhole ? "t" : "f"]
        var present: [String] = []
        let isEmpty = try await Patience.wait(patience) {
            present = try await session.query(query, parameters).map { $0[0] }
            return present.isEmpty
        }
        guard isEmpty else {
            throw Failure(
                .conflict,
                "sessions in \(names.joined(separator: " or ")) do not end, or come back: \(present.first ?? "somebody")",
                hint: "end that program, then try again",
                evidence: present,
                isRetryable: true,
            )
        }
    }

    // MARK: Exchanging

    /// Exchanges two databases; see ``DataSafety/DatabaseExchange``.
    public func exchange(_ database: DatabaseTarget, with copy: String, keeping kept: String) async throws {
        try await administer(database, "exchanging \(database) with \(copy)") { session in
            let query = "SELECT datname FROM pg_database WHERE datname = ANY (string_to_array($1, chr(1)))"
            let names = [database.name, copy, kept].joined(separator: "\u{1}")
            let found = Set(try await session.query(query, [names]).map { $0[0] })
            if found == [database.name, kept] { return }
            guard found == [database.name, copy] else {
                throw Failure(
                    .notFound,
                    "\(copy) can't take the place of \(database): there is \(found.sorted().joined(separator: ", "))",
                )
            }
            try await shut(database.name, session)
            try await shut(copy, session)
            let opening = try await opening(copy, as: database.name, session)
            let isDone = try await Patience.wait(patience) {
                try await empty([database.name, copy], session, isWhole: true)
                do {
                    try await transaction(session) {
                        try await session.query(
                            "ALTER DATABASE \(SQLName.quoted(database.name)) RENAME TO \(SQLName.quoted(kept))"
                        )
                        try await session.query(
                            "ALTER DATABASE \(SQLName.quoted(copy)) RENAME TO \(SQLName.quoted(database.name))"
                        )
                        for statement in opening { try await session.query(statement) }
                    }
                    return true
                } catch let error as PostgresError where error.sqlState == "55006" {
                    // Somebody of OpsHub's own looked in at this moment; or a transaction was prepared, and waits for its end.
                    return false
                }
            }
            guard !isDone else { return }
            throw Failure(
                .conflict,
                "\(database) is still in use, so it can't be exchanged",
                hint: "look for prepared transactions: SELECT * FROM pg_prepared_xacts",
                isRetryable: true,
            )
        }
    }

    /// OpsHub's own databases; see ``DataSafety/DatabaseExchange``.
    public func names(beside database: DatabaseTarget) async throws -> [String]? {
        let folder = ClusterFolder(database.accessory, of: database.environment, in: layout)
        guard let record = try ClusterRecord(folder) else { return nil }
        do {
            return try await PostgresSession.with(record.endpoint("postgres", as: "restore")) { session in
                try await session.query("SELECT datname FROM pg_database ORDER BY datname").map { $0[0] }
                    .filter { ScratchDatabase.isOwn($0) }
            }
        } catch let error as PostgresError where error.isUnavailable {
            return nil
        }
    }

    /// What a database holds now; see ``DataSafety/DatabaseExchange``.
    public func present(
        _ database: DatabaseTarget
    ) async throws -> (WriteCounters, definitions: [String: String]) {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        let programs = try await PostgresPrograms.locate(cluster.record.major, below: packages)
        let counters = try await telling("reading the statistics of \(database)") {
            try await PostgresSession.with(cluster.record.endpoint(database.name, as: "restore").unswayed) {
                try await WriteCounters.read($0)
            }
        }
        let dump = DatabaseDump(
            cluster: cluster,
            programs: programs,
            database: database.name,
            deadline: .seconds(300),
        )
        return (counters, try await dump.definitions())
    }

    func administer(
        _ database: DatabaseTarget,
        _ doing: String,
        body: (PostgresSession) async throws -> Void,
    ) async throws {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        try await telling(doing) {
            try await PostgresSession.with(cluster.record.endpoint("postgres", as: "restore"), body: body)
        }
    }

    func transaction(_ session: PostgresSession, body: () async throws -> Void) async throws {
        try await session.query("BEGIN")
        do {
            try await body()
            try await session.query("COMMIT")
        } catch {
            // What was thrown says more; a session that can't roll back is closed by its owner, which does the same.
            _ = try? await session.query("ROLLBACK")
            throw error
        }
    }

    /// Settings that a database brings along, of everybody or of one role.
    func settings(
        of name: String,
        _ session: PostgresSession,
    ) async throws -> [(role: String?, name: String, value: String)] {
        let rows = try await session.query(
            """
            SELECT r.rolname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
            FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
            LEFT JOIN pg_roles r ON r.oid = s.setrole CROSS JOIN unnest(s.setconfig) AS c WHERE d.datname = $1
            """,
            [name],
        )
        return rows.map { ($0.values[0], $0[1], $0[2]) }
    }
}
