// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

extension PostgresDatabaseServer {
    /// Runs statements outside of every application's database.
    func administer(
        _ scratch: ScratchDatabase,
        _ doing: String,
        body: (PostgresSession) async throws -> Void,
    ) async throws {
        let cluster = try ClusterAccess(scratch.accessory, of: scratch.environment, in: layout)
        try await telling(doing) {
            try await PostgresSession.with(cluster.record.endpoint("postgres", as: "drill"), body: body)
        }
    }

    /// A dump of one major version may not restore on another.
    func requireSame(major: String, as cluster: ClusterAccess, _ backup: Backup) throws(Failure) {
        guard major != "\(cluster.record.major)" else { return }
        throw Failure(
            .conflict,
            "backup \(backup.id) was made by PostgreSQL \(major), and its accessory runs \(cluster.record.major)",
            hint: "restore it on a server of PostgreSQL \(major)",
        )
    }

    /// What a restored copy of a database may take meanwhile.
    static func room(for size: ByteCount) -> ByteCount {
        ByteCount(size.bytes + size.bytes / 2 + ByteCount.mebibytes(256).bytes)
    }

    /// A full disk would stop the very server that is being saved.
    func requireRoom(for size: ByteCount, in cluster: ClusterAccess) throws(Failure) {
        let needed = Self.room(for: size)
        let left = try DiskSpace.available(at: cluster.folder.data)
        guard left < needed else { return }
        throw Failure(
            .diskFull,
            "a restored copy needs \(needed) where \(cluster.folder.data) is, and only \(left) are free",
            hint: "remove what is not needed; this says nothing against the backup",
        )
    }

    /// Makes a database belong to the owner of `heir`, and says how `pg_restore` makes everything in it do so.
    ///
    /// Extensions are there already: most may be made by superusers alone.
    func inheritance(of scratch: ScratchDatabase, by heir: DatabaseTarget?) async throws -> [String] {
        guard let heir else { return [] }
        var owner = ""
        try await administer(scratch, "giving \(scratch.name) to the owner of \(heir)") { session in
            let rows = try await session.query(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1",
                [heir.name],
            )
            guard let row = rows.first else { throw Failure(.notFound, "there is no database \(heir)") }
            owner = row[0]
            let name = SQLName.quoted(scratch.name)
            try await session.query("ALTER DATABASE \(name) OWNER TO \(SQLName.quoted(owner))")
        }
        return ["--no-owner", "--no-privileges", "--no-comments", "--role=\(owner)"]
    }

    /// Makes the extensions of another environment's backup.
    func makeExtensions(of content: BackupContent, in scratch: ScratchDatabase) async throws {
        let cluster = try ClusterAccess(scratch.accessory, of: scratch.environment, in: layout)
        try await telling("making the extensions of \(scratch.name)") {
            try await PostgresSession.with(cluster.record.endpoint(scratch.name, as: "restore")) { session in
                for name in content.fingerprint.extensions.keys.sorted() {
                    try await session.query("CREATE EXTENSION IF NOT EXISTS \(SQLName.quoted(name)) CASCADE")
                }
            }
        }
    }

    /// What belongs to no database: roles, who is a member of which, and what is set for them; without passwords, not even hashed.
    func roles(
        of cluster: ClusterAccess,
        _ programs: PostgresPrograms,
        or code: Failure.Code = .backupFailed,
    ) async throws -> String {
        let program = try cluster.program(
            programs.path(of: "pg_dumpall"),
            ["--roles-only", "--no-role-passwords"],
            database: "postgres",
            deadline: deadline,
        )
        let result = try await ProgramRunner().run(program)
            .checked(code, doing: "reading the roles of \(cluster.folder.path)")
        // Without comments, and without the words by which psql knows that a dump is not meant to run commands.
        return result.output.split(separator: "\n")
            .filter { !$0.hasPrefix("--") && !$0.hasPrefix("\\") }.joined(separator: "\n") + "\n"
    }
}
