// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

extension PostgresDatabaseServer {
    /// Restores a backup on a server of its own; see ``DataSafety/DatabaseServer``.
    public func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let target = backup.database
        let original = try ClusterAccess(target.accessory, of: target.environment, in: layout)
        guard let content = backup.content else {
            throw Failure(.conflict, "backup \(backup.id) has no content to restore")
        }
        try requireSame(major: content.server.major, as: original, backup)
        let programs = try await PostgresPrograms.locate(original.record.major, below: packages)
        let roles: String
        if let known = content.roles {
            roles = known
        } else {
            roles = try await self.roles(of: original, programs, or: .unreachable)
        }
        let server = ThrowawayServer(
            original: original,
            owner: try await UnprivilegedAccount().ensure(AccountName(target.environment, .drills)),
            folder: Self.drill(of: backup.id, original.folder),
            use: .drill(try await needs(of: content, original)),
            files: .empty(templates: layout.clusters),
            programs: programs,
            supervisor: supervisor,
            patience: patience,
        )
        let room = ThrowawayServer.Room(
            needed: Self.room(for: content.databaseSize),
            kept: .mebibytes(256),
            purpose: "a restore drill of backup \(backup.id)",
        )
        return try await BackgroundPriority.run {
            try await server.lend(within: room) { server in
                let database = DrillDatabase(
                    access: ClusterAccess(
                        folder: server.folder,
                        record: server.record(database: target.name),
                    ),
                    programs: programs,
                    name: target.name,
                    owner: original.record.database,
                    content: content,
                    deadline: deadline,
                )
                let outline = try await ArchiveOutline.read(from: feed)
                try await database.make(roles: roles, tablespaces: outline?.tablespaces ?? [])
                let known = try await database.restore(outline, from: feed)
                return try await database.fingerprint(knowing: known)
            }
        }
    }

    /// Removes what drills left; see ``DataSafety/DatabaseServer``.
    public func clearDrills(
        beside database: DatabaseTarget,
        but running: Set<BackupID>,
    ) async throws -> [BackupID] {
        let folder = ClusterFolder(database.accessory, of: database.environment, in: layout)
        guard Folder.exists(Self.drills(folder)) else { return [] }
        var cleared: [BackupID] = []
        for name in try Folder.names(in: Self.drills(folder)).sorted() {
            let id = BackupID(name)
            guard !running.contains(id) else { continue }
            try await ThrowawayServer.remove(Self.drill(of: id, folder), supervisor)
            cleared.append(id)
        }
        return cleared
    }

    private static func drills(_ folder: ClusterFolder) -> String { "\(folder.path)/drills" }

    static func drill(of backup: BackupID, _ folder: ClusterFolder) -> ClusterFolder {
        ClusterFolder(path: "\(drills(folder))/\(backup)")
    }

    /// What the original server has loaded.
    ///
    /// Throws `unreachable` when it does not say so, and the backup has extensions, which may need it.
    func needs(of content: BackupContent, _ original: ClusterAccess) async throws -> DrillNeeds {
        var needs = DrillNeeds(objects: content.fingerprint.lockedObjects)
        do {
            try await PostgresSession.with(original.record.endpoint("postgres", as: "drill").unswayed) {
                session in
                // What counts queries is needed by no backup, and nothing is done in parallel where a library is loaded.
                needs.libraries = (try await session.query("SHOW shared_preload_libraries").first?[0] ?? "")
                    .split(separator: ",").map { $0.split(separator: " ").joined(separator: " ") }
                    .filter { $0 != QueryCounts.library }.joined(separator: ", ")
                needs.sessionLibraries =
                    try await session.query("SHOW session_preload_libraries").first?[0] ?? ""
                let settings = try await session.query(
                    """
                    SELECT name, setting FROM pg_settings
                    WHERE strpos(name, '.') > 0 AND source IN ('configuration file', 'command line')
                    """
                )
                for row in settings { needs.extensionSettings[row[0]] = row[1] }
            }
        } catch let error where error is PostgresError || error is DeadlineExceeded {
            // A proof must not depend on the very server that may be lost; most databases need none of this.
            guard content.fingerprint.extensions.keys.allSatisfy({ $0 == "plpgsql" }) else {
                throw Failure(
                    .unreachable,
                    "what the extensions of the backup need can't be asked: \((error as? PostgresError)?.message ?? "no answer")",
                    isRetryable: true,
                )
            }
        }
        return needs
    }
}

extension DatabaseFingerprint {
    /// How many locks a restore in one transaction takes at most: of every object, and of every large object.
    fileprivate var lockedObjects: Int {
        definitions.count + Int(min(largeObjectCount, DrillNeeds.mostLocked))
    }
}
