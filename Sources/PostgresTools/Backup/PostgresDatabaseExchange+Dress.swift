// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Core
public import DataSafety

extension PostgresDatabaseExchange {
    /// Makes a copy like the database; see ``DataSafety/DatabaseExchange``.
    public func dress(
        _ copy: ScratchDatabase,
        like database: DatabaseTarget,
        masking: String?,
    ) async throws {
        let quoted = SQLName.quoted(copy.name)
        try await administer(database, "making \(copy.name) like \(database)") { session in
            let rows = try await session.query(
                "SELECT pg_get_userbyid(datdba), datconnlimit FROM pg_database WHERE datname = $1",
                [database.name],
            )
            guard let row = rows.first, let limit = row.integer(1) else {
                throw Failure(.notFound, "there is no database \(database)")
            }
            try await session.query("ALTER DATABASE \(quoted) OWNER TO \(SQLName.quoted(row[0]))")
            if let masking { try await mask(copy, database, masking, session) }
            try await transaction(session) {
                for statement in try await privileges(of: database.name, on: quoted, session) {
                    try await session.query(statement)
                }
                for statement in try await settingStatements(of: database.name, on: quoted, session) {
                    try await session.query(statement)
                }
                try await session.query("ALTER DATABASE \(quoted) SET \(Self.noted(limit))")
                try await session.query("ALTER DATABASE \(quoted) CONNECTION LIMIT 0")
            }
        }
    }

    /// As the role that the application has, which may no more than the application; all of it or nothing.
    ///
    /// The only session that there is room for.
    private func mask(
        _ copy: ScratchDatabase,
        _ database: DatabaseTarget,
        _ masking: String,
        _ administrator: PostgresSession,
    ) async throws {
        let cluster = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        let statements = try Self.statements(of: masking)
        let endpoint = PostgresEndpoint(
            host: "127.0.0.1",
            port: cluster.record.port,
            database: copy.name,
            user: cluster.record.database,
            password: try GeneratedPassword.read(cluster.folder.password),
        )
        let name = SQLName.quoted(copy.name)
        try await administrator.query("ALTER DATABASE \(name) CONNECTION LIMIT 1")
        try await PostgresSession.with(endpoint.named("opshub masking")) { session in
            try await administrator.query("ALTER DATABASE \(name) CONNECTION LIMIT 0")
            try await session.query("BEGIN")
            for statement in statements {
                do {
                    try await session.query(statement.text, deadline: .seconds(3600))
                } catch let error as PostgresError {
                    // Neither the statement nor the server's details: both may show what is to be masked.
                    throw Failure(
                        .invalid,
                        "masking failed at line \(statement.line): \(error.message)",
                        hint: "nothing was changed; mend the SQL and restore again",
                        cause: error.sqlState.map { "SQLSTATE \($0)" },
                    )
                }
            }
            try await session.query("COMMIT")
        }
    }

    private static func statements(of masking: String) throws(Failure) -> [SQLStatement] {
        let statements: [SQLStatement]
        do {
            statements = try SQLScript.statements(masking)
        } catch {
            throw Failure(
                .invalid,
                "the masking SQL ends within \(error.what), which begins at line \(error.line)",
            )
        }
        guard !statements.isEmpty else { throw Failure(.invalid, "the masking SQL has no statement") }
        if let control = statements.first(where: \.controlsTransaction) {
            throw Failure(
                .invalid,
                "the masking SQL is one transaction, and line \(control.line) says \(control.keyword)",
            )
        }
        return statements
    }

    private func privileges(
        of name: String,
        on quoted: String,
        _ session: PostgresSession,
    ) async throws -> [String] {
        let rows = try await session.query(
            """
            SELECT r.rolname, a.privilege_type, a.is_grantable
            FROM pg_database d CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
            LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE d.datname = $1
            """,
            [name],
        )
        return ["REVOKE ALL ON DATABASE \(quoted) FROM PUBLIC"]
            + rows.map { row in
                let grantee = row.values[0].map { SQLName.quoted($0) } ?? "PUBLIC"
                return "GRANT \(row[1]) ON DATABASE \(quoted) TO \(grantee)"
                    + (row.isTrue(2) ? " WITH GRANT OPTION" : "")
            }
    }

    private func settingStatements(
        of name: String,
        on quoted: String,
        _ session: PostgresSession,
    ) async throws -> [String] {
        // These are kept as lists of quoted names, and a list in one pair of quotes would be one name.
        let lists: Set = [
            "search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries",
        ]
        return try await settings(of: name, session).filter { !$0.name.hasPrefix("opshub.") }
            .map { setting in
                let whose = setting.role.map { "ALTER ROLE \(SQLName.quoted($0)) IN DATABASE \(quoted)" }
                let value = lists.contains(setting.name) ? setting.value : SQLName.literal(setting.value)
                return "\(whose ?? "ALTER DATABASE \(quoted)") SET \(setting.name) = \(value)"
            }
    }
}
