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
    /// Its name, which is that of the original: some extensions are made in one database alone.
    let name: String
    /// Who owns it, where the backup knows that role.
    let owner: String
    /// What is to come back.
    let content: BackupContent
    /// How long a program may take.
    let deadline: Duration

    /// Makes it, empty, the roles that its objects belong to, and the places where they lie.
    ///
    /// Throws `backup-failed` when the roles can't be made.
    func make(roles: String, tablespaces: Set<String>) async throws {
        try await administer { session in
            try await make(roles, session)
            for space in tablespaces.sorted() { try await makeTablespace(space, session) }
            try await make(session)
        }
    }

    private func administer(_ body: (PostgresSession) async throws -> Void) async throws {
        try await telling("making the database of a drill") {
            try await PostgresSession.with(access.record.endpoint("postgres", as: "drill"), body: body)
        }
    }

    private func make(_ session: PostgresSession) async throws {
        try await session.query(
            """
            CREATE DATABASE \(SQLName.quoted(name)) TEMPLATE template0
            ENCODING \(SQLName.literal(content.server.encoding))
            LC_COLLATE \(SQLName.literal(content.server.collation))
            LC_CTYPE \(SQLName.literal(content.server.characterType))
            """
        )
        guard try await !session.query("SELECT FROM pg_roles WHERE rolname = $1", [owner]).isEmpty else {
            return
        }
        try await session.query("ALTER DATABASE \(SQLName.quoted(name)) OWNER TO \(SQLName.quoted(owner))")
    }

    /// Where an object lies is part of its definition; here all lie in the server's own folder.
    private func makeTablespace(_ space: String, _ session: PostgresSession) async throws {
        guard let account = SystemUser.find(name: access.record.account) else {
            throw Failure(.damagedState, "the account \(access.record.account) is gone")
        }
        let digits = space.utf8.map { String($0, radix: 16) }.joined()
        let path = "\(access.folder.path)/spaces/\(digits)"
        try Folder.make("\(access.folder.path)/spaces")
        try Folder.make(path, mode: 0o700)
        try Folder.setOwner(userID: account.userID, groupID: account.groupID, of: path)
        try await session.query(
            "CREATE TABLESPACE \(SQLName.quoted(space)) LOCATION \(SQLName.literal(path))"
        )
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
    /// - Parameters:
    ///   - outline: Of the dump; nil when it could not be read.
    ///   - feed: Hands the dump over.
    /// - Returns: What was read back meanwhile.
    /// - Throws: `backup-failed` as soon as anything does not restore.
    func restore(_ outline: ArchiveOutline?, from feed: DumpFeed) async throws -> ReadTables {
        var restore = DatabaseRestore(
            access: access,
            programs: programs,
            deadline: deadline,
            isBackground: true,
        )
        restore.readsBack = true
        let isAtomic = content.fingerprint.largeObjectCount <= DrillNeeds.mostLocked
        return try await restore.run(
            name,
            content,
            outline,
            isAtomic: isAtomic,
            remaking: {
                try await administer { session in
                    try await session.query("DROP DATABASE \(SQLName.quoted(name)) WITH (FORCE)")
                    try await make(session)
                }
            },
            from: feed,
        )
    }

    /// What it holds, and the version of its server.
    ///
    /// - Parameter known: Tables that were read already.
    /// - Returns: Both.
    /// - Throws: `program-failed` when it can't be read.
    func fingerprint(
        knowing known: ReadTables
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        try await access.fingerprint(
            of: name,
            programs,
            deadline: deadline,
            isBackground: true,
            knowing: known,
        )
    }
}
