// SPDX-License-Identifier: Apache-2.0
import Core

/// The role and database of an accessory on its running server.
struct ClusterContent {
    /// The server.
    let server: ClusterServer
    /// The database, and the role that owns it.
    let database: String
    /// The role's password.
    let password: Secret

    /// Makes both exist, and the password be this one.
    ///
    /// Idempotent.
    func make() async throws {
        try await telling("making the database '\(database)'") {
            try await PostgresSession.with(server.endpoint("postgres")) { session in
                try await makeRole(session)
                try await makeDatabase(session)
            }
        }
    }

    private func makeRole(_ session: PostgresSession) async throws {
        let role = SQLName.quoted(database)
        let rows = try await session.query("SELECT rolsuper FROM pg_roles WHERE rolname = $1", [database])
        guard let row = rows.first else {
            let verifier = SQLName.literal(try await session.verifier(of: password, for: database))
            try await session.query("CREATE ROLE \(role) LOGIN NOSUPERUSER PASSWORD \(verifier)")
            return
        }
        guard !row.isTrue(0) else {
            throw Failure(
                .conflict,
                "the role '\(database)' is a superuser, which an application must not be",
                hint: "run 'ALTER ROLE \(role) NOSUPERUSER' if that is not on purpose",
            )
        }
        guard try await !isPasswordRight() else { return }
        let verifier = SQLName.literal(try await session.verifier(of: password, for: database))
        try await session.query("ALTER ROLE \(role) LOGIN PASSWORD \(verifier)")
    }

    private func makeDatabase(_ session: PostgresSession) async throws {
        let name = SQLName.quoted(database)
        let rows = try await session.query(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1",
            [database],
        )
        if rows.isEmpty {
            try await session.query("CREATE DATABASE \(name) OWNER \(name) TEMPLATE template0")
        } else if rows[0][0] != database {
            try await session.query("ALTER DATABASE \(name) OWNER TO \(name)")
        }
        // Every role of the cluster could connect otherwise.
        try await session.query("REVOKE CONNECT, TEMPORARY ON DATABASE \(name) FROM PUBLIC")
    }

    /// Whether the role comes in with this password, the way its services do.
    private func isPasswordRight() async throws -> Bool {
        let endpoint = PostgresEndpoint(
            host: "127.0.0.1",
            port: server.port,
            database: database,
            user: database,
            password: password,
        )
        do {
            try await PostgresSession.with(endpoint) { try await $0.query("SELECT 1") }
            return true
        } catch let error as PostgresError where error.sqlState?.hasPrefix("28") == true {
            return false
        } catch let error as PostgresError where !error.isUnavailable {
            // No such database yet, or no right to it: the server looks at that only after the password was right.
            return true
        }
    }
}
