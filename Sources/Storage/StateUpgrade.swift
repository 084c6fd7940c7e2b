// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import GRDB

/// The way to a newer schema, and the way back: the database as it was stays beside it.
struct StateUpgrade {
    /// The database.
    let path: String

    /// The database as a version of OpsHub with so many migrations left it.
    func copy(of version: Int) -> String { "\(path).schema-\(version)" }

    /// Copies the database as it is before the migrations that it lacks; a new one, or one that lacks none, is not copied.
    ///
    /// - Throws: When there is no room for it: nothing was changed then.
    func keepWhatWas(_ queue: DatabaseQueue, _ migrator: DatabaseMigrator) throws {
        let applied = try queue.read { try migrator.appliedMigrations($0) }
        guard !applied.isEmpty, applied.count < migrator.migrations.count else { return }
        let (target, partial) = (copy(of: applied.count), "\(copy(of: applied.count)).partial")
        for suffix in ["", "-journal", "-wal"] {
            try? FileManager.default.removeItem(atPath: partial + suffix)
        }  // None there.
        try queue.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [partial]) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: partial)
        let file = try FileHandle(forUpdating: URL(filePath: partial))
        try file.synchronize()
        try file.close()
        // A copy of the same schema from an earlier upgrade that was taken back is older than what is there now.
        try? FileManager.default.removeItem(atPath: target)  // None there.
        try FileManager.default.moveItem(atPath: partial, toPath: target)
        let folder = try FileHandle(forReadingFrom: URL(filePath: path).deletingLastPathComponent())
        try folder.synchronize()
        try folder.close()
    }

    /// What an older OpsHub says of a database that a newer one has written.
    func refusal(_ database: Database, _ migrator: DatabaseMigrator) throws -> Failure {
        let earlier = copy(of: migrator.migrations.count)
        let isKept = FileManager.default.fileExists(atPath: earlier)
        return Failure(
            .damagedState,
            "\(path) was written by a newer version of OpsHub",
            hint: isKept
                ? "start that version; or go back to how it was before the upgrade, and lose what was written since: mv \(earlier) \(path) && rm -f \(path)-wal \(path)-shm"
                : "start that version; this one can't read what it wrote",
        )
    }
}
