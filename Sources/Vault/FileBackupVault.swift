// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import FoundationEssentials
import HostSystem

/// Backups as folders `<id>/dump` and `<id>/manifest.json` below the environment's own.
///
/// The dump is written as `dump.partial`, synced, and renamed; the manifest comes last (Invariant 12). So a
/// folder without a manifest is what a crash left, and never a backup.
public struct FileBackupVault: BackupVault {
    private let layout: HomeLayout
    private let key: RecoveryKey
    private let reserve: ByteCount

    /// A vault in a home.
    ///
    /// - Parameters:
    ///   - layout: The home.
    ///   - key: Encrypts every dump that is written, and opens those that were encrypted with it.
    ///   - reserve: How much of the disk is always left free.
    public init(layout: HomeLayout, key: RecoveryKey, reserve: ByteCount = .mebibytes(256)) {
        self.layout = layout
        self.key = key
        self.reserve = reserve
    }

    /// Writes the dump; see ``DataSafety/BackupVault``.
    public func receive<Result: Sendable>(
        _ backup: Backup,
        from body: @Sendable (@escaping DumpSink) async throws -> Result,
    ) async throws -> (Result, StoredDump) {
        let place = BackupPlace(backup, in: layout)
        guard try FileContent.bytes(of: place.manifest) == nil else {
            throw Failure(.conflict, "backup \(backup.id) is written already")
        }
        try Folder.make(place.parent)
        try Folder.make(place.folder, mode: 0o700)
        do {
            let writer = try DumpWriter(place.unfinishedDump, of: backup.subject, key: key, reserve: reserve)
            let result = try await body { try await writer.write($0) }
            try Task.checkCancellation()
            let dump = try await writer.finish()
            try Folder.rename(place.unfinishedDump, to: place.dump)
            try DurableFolder.sync(place.folder)
            try DurableFolder.sync(place.parent)
            return (result, dump)
        } catch {
            // What made it fail matters more; without a manifest the leftover is none but a leftover.
            try? Folder.remove(place.folder)
            throw error
        }
    }

    /// Whether there is a folder of that name, whatever is in it; see ``DataSafety/BackupVault``.
    public func holds(_ backup: Backup) async throws -> Bool {
        Folder.exists(BackupPlace(backup, in: layout).folder)
    }

    /// Writes the manifest; see ``DataSafety/BackupVault``.
    public func publish(_ backup: Backup) async throws {
        let place = BackupPlace(backup, in: layout)
        guard place.hasDump else { throw Failure(.notFound, "there is no \(place.dump)") }
        try DurableFile.write(try BackupPlace.json(backup), to: place.manifest, mode: 0o600)
    }

    /// Reads the dump; see ``DataSafety/BackupVault``.
    public func read(_ backup: Backup, into sink: @escaping DumpSink) async throws -> StoredDump {
        try await reading(backup, at: BackupPlace(backup, in: layout).dump)(sink)
    }

    /// Reads a part; see ``DataSafety/BackupVault``.
    public func read(_ backup: Backup, _ part: Range<Int64>, into sink: @escaping DumpSink) async throws {
        try await reading(backup, at: BackupPlace(backup, in: layout).dump)(part, sink)
    }

    /// What reads a backup's dump in a file.
    private func reading(_ backup: Backup, at path: String) -> DumpSource {
        let (subject, encoding) = (backup.subject, backup.content?.encoding)
        return DumpSource(
            whole: { [key] sink in
                try await DumpReader(path, of: subject, key: key, encoding: encoding).readAll(into: sink)
            },
            part: { [key] part, sink in
                try await DumpReader(
                    path,
                    of: subject,
                    key: key,
                    encoding: encoding,
                    from: part.lowerBound,
                )
                .read(part, into: sink)
            },
        )
    }

    /// Hashes the dump's file; see ``DataSafety/BackupVault``.
    public func seal(of backup: Backup, passing: @escaping ByteCounter) async throws -> DumpSeal {
        try await DumpReader(raw: BackupPlace(backup, in: layout).dump).readAll { passing($0.count) }.seal
    }

    /// Holds a copy; see ``DataSafety/BackupVault``.
    public func borrow<Result: Sendable>(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
        body: @Sendable (DumpSource) async throws -> Result,
    ) async throws -> Result {
        let place = BackupPlace(backup, in: layout)
        let path = place.borrowedDump
        let isAlone = !Folder.exists(place.folder)
        // What is left is replaced by the next one, and gone with the backup.
        defer { try? Folder.remove(isAlone ? place.folder : path) }
        try Folder.make(place.parent)
        try await write(backup, to: path, from: source)
        return try await body(reading(backup, at: path))
    }

    /// Takes a dump in that this home's key encrypted; see ``DataSafety/BackupVault``.
    ///
    /// What is not encrypted could be anybody's: the manifest beside it, which nobody has signed, proves nothing.
    public func adopt(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws {
        let place = BackupPlace(backup, in: layout)
        // One without a manifest is a leftover, and one that has changed is no use.
        if try FileContent.bytes(of: place.manifest) != nil, place.hasDump,
            try await seal(of: backup, passing: { _ in }) == backup.content?.seal
        {
            throw Failure(.conflict, "backup \(backup.id) is here already, and whole: \(place.folder)")
        }
        guard let encoding = backup.content?.encoding else {
            throw Failure(
                .conflict,
                "backup \(backup.id) is not encrypted, so nobody knows who has made it",
                hint: "if you do: copy its folder, then opshub backup restore --from DIR",
            )
        }
        guard encoding.key == key.id else {
            throw Failure(
                .conflict,
                "backup \(backup.id) was encrypted with recovery key \(encoding.key), and this home has \(key.id)",
                hint:
                    "put the right key into \(layout.recoveryKey), or copy the folder: opshub backup restore --from DIR --key FILE",
            )
        }
        let isNew = !Folder.exists(place.folder)
        try Folder.make(place.parent)
        do {
            try await write(backup, to: place.unfinishedDump, from: source)
            // Every chunk is authenticated on the way.
            let dump = try await DumpReader(
                place.unfinishedDump,
                of: backup.subject,
                key: key,
                encoding: encoding,
            )
            .readAll { _ in }
            guard encoding.isRead(as: dump.encoding) else {
                throw Failure(
                    .backupFailed,
                    "the dump of backup \(backup.id) holds something else than its manifest says",
                )
            }
            try Folder.rename(place.unfinishedDump, to: place.dump)
            try DurableFolder.sync(place.folder)
            try DurableFolder.sync(place.parent)
        } catch {
            // What made it fail matters more than a leftover.
            try? Folder.remove(isNew ? place.folder : place.unfinishedDump)
            throw error
        }
    }

    /// Writes a dump's file as it is, durably.
    ///
    /// Throws `backup-failed` when its bytes are not the backup's.
    private func write(
        _ backup: Backup,
        to path: String,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws {
        try Folder.make(BackupPlace(backup, in: layout).folder, mode: 0o700)
        guard let wanted = backup.content?.seal else {
            throw Failure(.conflict, "backup \(backup.id) has no content")
        }
        let writer = try RawDumpWriter(path, reserve: reserve, atMost: wanted.size)
        try await source { try await writer.write($0) }
        try Task.checkCancellation()
        let found = try await writer.finish()
        guard found != wanted else { return }
        throw Failure(
            .backupFailed,
            "what came of backup \(backup.id) is not its dump: \(found.size.bytes) bytes of \(wanted.size.bytes)",
            evidence: ["its own: \(wanted.sha256)", "what came: \(found.sha256)"],
        )
    }

    /// Reads the manifests; see ``DataSafety/BackupVault``.
    public func contents(of environment: EnvironmentKey) async throws -> VaultContents {
        let parent = layout.backups(of: environment)
        var contents = VaultContents()
        for name in try Folder.names(in: parent) {
            let place = BackupPlace(folder: "\(parent)/\(name)")
            do {
                contents.backups.append(try place.backup())
            } catch {
                contents.oddities.append(VaultContents.Oddity(folder: place.folder, problem: error.message))
            }
        }
        contents.backups.sort { ($0.startedAt, $0.id) > ($1.startedAt, $1.id) }
        return contents
    }

    /// Deletes the files; see ``DataSafety/BackupVault``.
    public func discard(_ backup: Backup) async throws {
        let place = BackupPlace(backup, in: layout)
        guard Folder.exists(place.folder) else { return }
        try Folder.remove(place.manifest)
        try DurableFolder.sync(place.folder)
        try Folder.remove(place.folder)
        try DurableFolder.sync(place.parent)
    }
}
