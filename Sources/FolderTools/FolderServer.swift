// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Packs and unpacks folders among the accessories, as their environment's own accounts.
public struct FolderServer: DatabaseServer {
    let layout: HomeLayout
    /// How long one program may take.
    let deadline: Duration

    /// Folders of a home.
    public init(layout: HomeLayout, deadline: Duration = .seconds(14_400)) {
        self.layout = layout
        self.deadline = deadline
    }

    /// Packs a folder; see ``DataSafety/DatabaseServer``.
    ///
    /// There is no moment that all of its files are of: each is as it was when its turn came.
    public func dump(_ folder: DatabaseTarget, into sink: @escaping DumpSink) async throws -> DumpedDatabase {
        let place = FolderPlace(folder, in: layout)
        guard let live = place.live else { throw Failure(.notFound, "the folder \(place.files) is gone") }
        let tar = try await tar(of: folder.environment, .services, isBackground: true)
        let version = try await Tar.version()
        return try await BackgroundPriority.run {
            let (contents, remarks) = try await tar.pack(live, into: sink)
            return DumpedDatabase(
                server: ServerIdentity(
                    version: version,
                    systemIdentifier: "",
                    encoding: "",
                    collation: "",
                    characterType: "",
                ),
                tool: "tar \(version)",
                fingerprint: DatabaseFingerprint(contents),
                databaseSize: contents.size,
                remarks: remarks,
            )
        }
    }

    /// Unpacks a backup by itself and reads it again; see ``DataSafety/DatabaseServer``.
    public func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let place = FolderPlace(backup.database, in: layout)
        let folder = "\(place.drills)/\(backup.id)"
        let tar = try await tar(of: backup.database.environment, .drills, isBackground: true)
        try await AccountFolder.remove(folder, as: tar.user)
        try requireRoom(for: backup, at: place.path)
        do {
            try Folder.make(place.path)
            try Folder.make(place.drills, mode: 0o700)
            try make(folder, for: tar.user)
            let found = try await BackgroundPriority.run {
                try await tar.unpack(into: folder, from: feed)
                return try await tar.pack(folder).0
            }
            try await AccountFolder.remove(folder, as: tar.user)
            return (DatabaseFingerprint(found), try await Tar.version())
        } catch {
            // In a task of its own, since this one may be cancelled.
            try await Task(name: "removal of a drill") {
                try await AccountFolder.remove(folder, as: tar.user)
            }
            .value
            throw error
        }
    }

    /// Removes what drills left; see ``DataSafety/DatabaseServer``.
    public func clearDrills(
        beside folder: DatabaseTarget,
        but running: Set<BackupID>,
    ) async throws -> [BackupID] {
        let drills = FolderPlace(folder, in: layout).drills
        var cleared: [BackupID] = []
        for name in try Folder.names(in: drills) where !running.contains(BackupID(name)) {
            let user = try await user(of: folder.environment, .drills)
            try await AccountFolder.remove("\(drills)/\(name)", as: user)
            cleared.append(BackupID(name))
        }
        return cleared
    }

    /// Makes an empty folder beside; see ``DataSafety/DatabaseServer``.
    public func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        let place = FolderPlace(scratch.original, in: layout)
        let user = try await user(of: scratch.environment, .services)
        try await AccountFolder.remove(place.copy(scratch.name), as: user)
        try requireRoom(for: backup, at: place.path)
        try Folder.make(place.closed, mode: 0o700)
        try make(place.copy(scratch.name), for: user)
    }

    /// Unpacks beside; see ``DataSafety/DatabaseServer``.
    ///
    /// Everything belongs to the services of the folder's own environment.
    public func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] {
        let place = FolderPlace(scratch.original, in: layout)
        let folder = place.copy(scratch.name)
        try await tar(of: scratch.environment, .services).unpack(into: folder, from: feed)
        // What tar wrote must be on the disk before it takes the place of what is.
        _ = try await ProgramRunner().run(Program("sync", ["--file-system", folder], deadline: deadline))
            .checked(doing: "writing \(folder) to the disk")
        return []
    }

    /// Reads what lies beside; see ``DataSafety/DatabaseServer``.
    public func fingerprint(
        of scratch: ScratchDatabase
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let place = FolderPlace(scratch.original, in: layout)
        let tar = try await tar(of: scratch.environment, .services)
        let found = try await tar.pack(place.copy(scratch.name)).0
        return (DatabaseFingerprint(found), try await Tar.version())
    }

    /// Removes what lies beside; see ``DataSafety/DatabaseServer``.
    public func drop(_ scratch: ScratchDatabase) async throws {
        guard ScratchDatabase.isOwn(scratch.name) else {
            throw Failure(
                .conflict,
                "\(scratch.name) is none of OpsHub's own folders, so it is not removed",
            )
        }
        try await AccountFolder.remove(
            FolderPlace(scratch.original, in: layout).copy(scratch.name),
            as: try await user(of: scratch.environment, .services),
        )
    }

    private func tar(
        of environment: EnvironmentKey,
        _ purpose: AccountName.Purpose,
        isBackground: Bool = false,
    ) async throws -> Tar {
        Tar(user: try await user(of: environment, purpose), deadline: deadline, isBackground: isBackground)
    }

    private func user(
        of environment: EnvironmentKey,
        _ purpose: AccountName.Purpose,
    ) async throws -> SystemUser {
        try await UnprivilegedAccount().ensure(AccountName(environment, purpose))
    }

    private func make(_ folder: String, for user: SystemUser) throws(Failure) {
        try Folder.make(folder, mode: 0o700)
        try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: folder)
    }

    /// A full disk would stop the very services whose files are being saved.
    private func requireRoom(for backup: Backup, at path: String) throws(Failure) {
        guard let size = backup.content?.databaseSize else {
            throw Failure(.conflict, "backup \(backup.id) has no content to restore")
        }
        let needed = ByteCount(size.bytes + size.bytes / 8 + ByteCount.mebibytes(128).bytes)
        let left = try DiskSpace.available(at: path)
        guard left < needed else { return }
        throw Failure(
            .diskFull,
            "the files of backup \(backup.id) need \(needed) where \(path) is, and only \(left) are free",
            hint: "remove what is not needed; this says nothing against the backup",
        )
    }
}
