// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

extension ServerIdentity {
    /// The server's version without its packager's words: `15.20`.
    static func version(_ session: PostgresSession) async throws -> String {
        let text = try await session.query("SHOW server_version").first?[0] ?? ""
        return String(text.prefix { $0 != " " })
    }

    /// The version of every extension of a session's database.
    static func extensions(_ session: PostgresSession) async throws -> [String: String] {
        let rows = try await session.query("SELECT extname, extversion FROM pg_extension")
        return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    }

    /// The server and database of a session, and how much disk the database takes.
    static func read(_ session: PostgresSession) async throws -> (ServerIdentity, ByteCount) {
        let rows = try await session.query(
            """
            SELECT (SELECT system_identifier FROM pg_control_system()), pg_encoding_to_char(encoding),
                datcollate, datctype, pg_database_size(oid)
            FROM pg_database WHERE datname = current_database()
            """
        )
        guard let row = rows.first else { throw PostgresError(message: "the database is not in pg_database") }
        let identity = ServerIdentity(
            version: try await version(session),
            systemIdentifier: row[0],
            encoding: row[1],
            collation: row[2],
            characterType: row[3],
        )
        return (identity, ByteCount(row.integer(4) ?? 0))
    }
}
