// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// Asks `pg_dump` for a database's definitions.
struct SchemaDump {
    /// The server.
    let cluster: ClusterAccess
    /// Programs of its version.
    let programs: PostgresPrograms
    /// How long it may take.
    let deadline: Duration

    /// The digest of every object's definition, in a snapshot when there is one.
    func definitions(of database: String, in snapshot: String? = nil) async throws -> [String: String] {
        let program = try cluster.program(
            programs.path(of: "pg_dump"),
            ["--schema-only", "--no-subscriptions", "--lock-wait-timeout=30000"]
                + (snapshot.map { ["--snapshot=\($0)"] } ?? []),
            database: database,
            deadline: deadline,
        )
        let result = try await ProgramRunner().run(program)
            .checked(.backupFailed, doing: "reading the schema of \(database)")
        return SchemaText(result.output).definitions
    }
}
