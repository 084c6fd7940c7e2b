// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

extension PostgresDatabaseServer {
    /// Restores a backup on a server of its own; see ``DataSafety/DatabaseServer``.
    public func drill(
        _ backup: Backup,
        from feed: @escaping @Sendable (@escaping DumpSink) async throws -> Void,
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
            roles = try await self.roles(of: original, programs)
        }
        let server = ThrowawayServer(
            original: original,
            folder: Self.drill(of: backup.id, original.folder),
            use: .drill(await needs(of: content, original)),
            templates: layout.clusters,
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
                        record: server.record(database: DrillDatabase.name),
                    ),
                    programs: programs,
                    content: content,
                    deadline: deadline,
                )
                try await database.make(roles: roles)
                try await database.restore(from: feed)
                return try await database.fingerprint()
            }
        }
    }

    /// Removes what drills left; see ``DataSafety/DatabaseServer``.
    public func clearDrills(
        of accessory: AccessoryName,
        in environment: EnvironmentKey,
        but running: Set<BackupID>,
    ) async throws -> [BackupID] {
        let folder = ClusterFolder(accessory, of: environment, in: layout)
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

    private static func drill(of backup: BackupID, _ folder: ClusterFolder) -> ClusterFolder {
        ClusterFolder(path: "\(drills(folder))/\(backup)")
    }

    /// What the original server has loaded; one that does not answer has loaded nothing that is known of.
    private func needs(of content: BackupContent, _ original: ClusterAccess) async -> DrillNeeds {
        var needs = DrillNeeds(objects: content.fingerprint.lockedObjects)
        // A proof must not depend on the very server that was lost; most databases need none of this.
        let found = try? await PostgresSession.with(original.record.endpoint("postgres", as: "drill")) {
            session in
            (
                try await session.query("SHOW shared_preload_libraries").first?[0] ?? "",
                try await session.query(
                    """
                    SELECT name, setting FROM pg_settings
                    WHERE strpos(name, '.') > 0 AND source IN ('configuration file', 'command line')
                    """
                ),
            )
        }
        guard let (libraries, settings) = found else { return needs }
        needs.libraries = libraries
        for row in settings { needs.extensionSettings[row[0]] = row[1] }
        return needs
    }
}

extension DatabaseFingerprint {
    /// How many locks a restore in one transaction takes at most: of every object, and of every large object.
    fileprivate var lockedObjects: Int {
        definitions.count + Int(tables[Self.largeObjects]?.rows ?? 0)
    }
}
