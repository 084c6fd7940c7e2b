// SPDX-License-Identifier: Apache-2.0
import Core
public import DataSafety
import HostSystem
public import Manifest

extension PostgresMigrationRehearsal: ProvingGround {
    /// Lends an empty database; see ``DataSafety/ProvingGround``.
    public func lend<Result: Sendable>(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
        _ body: @Sendable @escaping (any EmptyDatabase) async throws -> Result,
    ) async throws -> Result {
        try await onCluster(job, with: tool) { rehearsal in
            let copy = try rehearsal.elsewhere()
            try await rehearsal.refuseStrayCode(copy)
            return try await body(
                ThrowawayDatabase(
                    rehearsal: rehearsal,
                    job: copy,
                    roles: try await ThrowawayDatabase.roles(of: rehearsal.lent.access),
                )
            )
        }
    }
}

/// The database of a throwaway server, without the schema of the original.
struct ThrowawayDatabase: EmptyDatabase {
    let rehearsal: Rehearsal
    /// The migrations, on this database.
    let job: MigrationJob
    /// Those of its server before any migration.
    let roles: Set<String>

    private var tool: any RecordedTool { rehearsal.tool }
    private var access: ClusterAccess { rehearsal.lent.access }

    func history() async throws -> [MigrationEntry] { try await tool.history(of: job) }

    func begin(at revisions: [MigrationRevision]) async throws {
        let (name, owner) = (SQLName.quoted(job.database.name), SQLName.quoted(rehearsal.lent.owner))
        try await PostgresSession.with(access.record.endpoint("postgres", as: "verification")) { session in
            let rows = try await session.query(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = $1",
                [job.database.name],
            )
            guard let row = rows.first else { throw Failure(.unexpected, "the throwaway database is gone") }
            try await session.query("DROP DATABASE \(name) WITH (FORCE)")
            // Roles belong to the server, so that what migrations have made of them outlives the database.
            for role in try await Self.roles(session).subtracting(roles).sorted() {
                try await session.query("DROP ROLE \(SQLName.quoted(role))")
            }
            try await session.query(
                """
                CREATE DATABASE \(name) OWNER \(owner) TEMPLATE template0 ENCODING \(SQLName.literal(row[0]))
                LC_COLLATE \(SQLName.literal(row[1])) LC_CTYPE \(SQLName.literal(row[2]))
                """
            )
        }
        for revision in revisions { try await apply(revision) }
    }

    /// The roles of a server.
    static func roles(of access: ClusterAccess) async throws -> Set<String> {
        try await PostgresSession.with(access.record.endpoint("postgres", as: "verification")) {
            try await roles($0)
        }
    }

    private static func roles(_ session: PostgresSession) async throws -> Set<String> {
        Set(try await session.query("SELECT rolname FROM pg_roles").map { $0[0] })
    }

    func apply(_ revision: MigrationRevision) async throws {
        try await tool.apply([revision], of: job) { _ in }
    }

    func applyRest() async throws {
        try await tool.apply(try await tool.status(of: job).targets, of: job) { _ in }
    }

    func revert(_ entry: MigrationEntry) async throws { try await tool.revert(entry, of: job) }

    func places() async throws -> Set<SchemaChanges.Place> {
        let state = try await PostgresSession.with(
            access.record.endpoint(job.database.name, as: "verification")
        ) { try await SchemaState($0) }
        let tables = state.relations.filter(\.value.isTable)
        return Set(tables.values.map { SchemaChanges.Place($0.name) })
            .union(
                state.columns.compactMap { place, column in
                    tables[place.relation].map { SchemaChanges.Place($0.name, column.name) }
                }
            )
    }

    func drift() async throws -> [String]? { try await tool.drift(of: job) }

    func definitions() async throws -> [String: String] {
        let dump = DatabaseDump(
            cluster: access,
            programs: rehearsal.cluster.programs,
            database: job.database.name,
            deadline: rehearsal.cluster.deadline,
        )
        var found = try await dump.definitions(ignoringOrder: true)
        let (books, roles) = try await PostgresSession.with(
            access.record.endpoint(job.database.name, as: "verification")
        ) { session in
            let roles = try await session.query(
                "SELECT rolname, rolcanlogin::text || rolcreaterole::text || rolsuper::text FROM pg_roles WHERE rolname !~ '^pg_'"
            )
            return (try await tool.bookkeeping(session), roles)
        }
        for table in books {
            // The table, its key, and what belongs to both.
            let name = table.split(separator: ".").last.map(String.init) ?? table
            found = found.filter { key, _ in
                !key.hasSuffix(" \(table)") && !key.contains(" \(table) ") && !key.hasSuffix("TABLE \(name)")
            }
        }
        for role in roles { found["ROLE \(role[0])"] = role[1] }
        return found
    }
}
