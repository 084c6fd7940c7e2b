// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// The database of a throwaway server into which a backup is restored.
struct DrillDatabase {
    /// The server.
    let access: ClusterAccess
    /// Programs of its version.
    let programs: PostgresPrograms
    /// What is to come back.
    let content: BackupContent
    /// How long a program may take.
    let deadline: Duration

    /// Its name.
    static let name = "restored"

    /// Makes it, empty, and the roles that its objects belong to.
    ///
    /// Throws `backup-failed` when the roles can't be made.
    func make(roles: String) async throws {
        try await telling("making the database of a drill") {
            try await PostgresSession.with(access.record.endpoint("postgres", as: "drill")) { session in
                try await make(roles, session)
                try await session.query(
                    """
                    CREATE DATABASE \(Self.name) TEMPLATE template0
                    ENCODING \(SQLName.literal(content.server.encoding))
                    LC_COLLATE \(SQLName.literal(content.server.collation))
                    LC_CTYPE \(SQLName.literal(content.server.characterType))
                    """
                )
            }
        }
    }

    private func make(_ roles: String, _ session: PostgresSession) async throws {
        let statements: [SQLStatement]
        do {
            statements = try SQLScript.statements(roles)
        } catch {
            throw Failure(.backupFailed, "the roles of the backup end within \(error.what)")
        }
        // The server's own role is there, since it is OpsHub's.
        for statement in statements
        where statement.text != "CREATE ROLE \(ClusterRecord.superuser)" {
            do {
                try await session.query(statement.text)
            } catch let error as PostgresError where !error.isUnavailable {
                throw Failure(
                    .backupFailed,
                    "the roles of the backup can't be made: \(error.message)",
                    hint: "keep it for a look, and make another one: opshub backup create",
                    evidence: [statement.text],
                )
            }
        }
    }

    /// Restores everything, as its owners had it.
    ///
    /// Throws `backup-failed` as soon as anything does not restore.
    func restore(
        from feed: @escaping @Sendable (@escaping DumpSink) async throws -> Void
    ) async throws {
        let restore = DatabaseRestore(
            access: access,
            programs: programs,
            deadline: deadline,
            isBackground: true,
        )
        // Disks of other places are none of this server's.
        try await restore.run(Self.name, ["--no-tablespaces", "--single-transaction"], from: feed)
    }

    /// What it holds, and the version of its server.
    func fingerprint() async throws -> (DatabaseFingerprint, serverVersion: String) {
        try await access.fingerprint(of: Self.name, programs, deadline: deadline, isBackground: true)
    }
}
