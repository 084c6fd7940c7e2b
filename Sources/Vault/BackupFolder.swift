// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem
import SystemPackage

/// A backup's folder wherever it lies: copied elsewhere, mounted, brought back from off-site.
public struct BackupFolder: Sendable {
    private let place: BackupPlace
    /// What its manifest says.
    public let backup: Backup

    /// Reads the manifest.
    ///
    /// Throws `not-found` or `damaged-state` when it is no complete backup.
    public init(_ path: String) throws(Failure) {
        guard Folder.exists(path) else {
            throw Failure(
                .notFound,
                "there is no folder \(path)",
                hint: "a backup is a folder with dump and manifest.json",
            )
        }
        place = BackupPlace(folder: path)
        backup = try place.backup(anywhere: true)
    }

    /// Hands the dump's bytes over.
    ///
    /// - Parameters:
    ///   - key: Decrypts them.
    ///   - hashed: Is told of the file's bytes first, which are hashed before anything is handed over.
    ///   - sink: Takes the dump's bytes.
    /// - Returns: What was read.
    /// - Throws: `backup-failed` when they are not what the manifest says, or another key encrypted them.
    public func read(
        _ key: RecoveryKey,
        hashed: @escaping ByteCounter = { _ in },
        into sink: DumpSink,
    ) async throws -> StoredDump {
        let wrong = Failure(.backupFailed, "\(place.dump) is not the dump that its manifest tells of")
        // Before anything of it is used.
        guard
            try await DumpReader(raw: place.dump).readAll(into: { hashed($0.count) }).seal
                == backup.content?.seal
        else { throw wrong }
        let encoding = backup.content?.encoding
        let dump = try await DumpReader(
            place.dump,
            of: backup.subject,
            key: key,
            encoding: encoding,
        )
        .readAll(into: sink)
        guard dump.seal == backup.content?.seal, encoding == nil || dump.encoding == encoding else {
            throw wrong
        }
        return dump
    }

    /// Writes the dump as `pg_restore` reads it; the file is gone again when that fails.
    ///
    /// Throws `conflict` when there is a file already.
    public func write(
        to path: String,
        _ key: RecoveryKey,
        hashed: @escaping ByteCounter = { _ in },
        passing: @escaping ByteCounter = { _ in },
    ) async throws -> StoredDump {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite],
            )
        } catch {
            throw Failure(.conflict, "could not make \(path)", cause: String(describing: error))
        }
        do {
            let dump = try await read(key, hashed: hashed) { bytes in
                try file.writeAll(bytes)
                passing(bytes.count)
            }
            try file.close()
            return dump
        } catch {
            // What made it fail matters more than the leftover that could not be closed.
            try? file.close()
            try Folder.remove(path)
            throw error
        }
    }
}
