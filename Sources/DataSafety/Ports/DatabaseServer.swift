// SPDX-License-Identifier: Apache-2.0
public import Core

/// The server side of a backup: makes dumps, and restores them where they can do no harm.
///
/// `backup-failed` always speaks against the dump. Whatever else is thrown (no server, no disk, cancelled)
/// only says that nothing could be found out.
public protocol DatabaseServer: Sendable {
    /// Writes a dump of a database to `sink`, and says what the database held in that very snapshot.
    ///
    /// Changes nothing. The bytes count only when this returns; on an error or cancellation whatever `sink`
    /// got is worth nothing, and nothing that was started still runs.
    func dump(_ database: DatabaseTarget, into sink: @escaping DumpSink) async throws -> DumpedDatabase

    /// About how many bytes a dump of a database would have, for whoever waits for the first one; nil when nobody can say so cheaply.
    func estimate(of database: DatabaseTarget) async throws -> ByteCount?

    /// Restores the bytes that `feed` hands over on a server of the backup's version that is made for them alone, with the backup's
    /// roles; says what it holds then, and its version. Nothing of it is left.
    ///
    /// What a database runs while it is restored (functions of indexes and checks, say), it runs there.
    /// Throws `backup-failed` as soon as anything does not restore, `disk-full` when it might fill the disk.
    func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String)

    /// Removes servers that drills have left, but for those of `running`; says of which backups.
    func clearDrills(beside database: DatabaseTarget, but running: Set<BackupID>) async throws -> [BackupID]

    /// Makes an empty database to restore a backup in, on a server of the same major version; drops what an
    /// attempt that was cut short left of it first.
    ///
    /// Throws `disk-full` when the restored copy might fill the server's disk.
    func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws

    /// Restores the bytes of a backup, which `feed` hands over as often as it is asked, at the same time too. Everything belongs to the owner of `heir` if there is one, without comments and
    /// privileges, and to whom it belonged before otherwise.
    ///
    /// - Returns: What it did besides that somebody has to know, one sentence each.
    /// - Throws: `backup-failed` as soon as anything in them does not restore.
    @discardableResult
    func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String]

    /// What a scratch database holds, and the version of its server.
    func fingerprint(of scratch: ScratchDatabase) async throws -> (DatabaseFingerprint, serverVersion: String)

    /// Drops a scratch database, with whoever is connected to it.
    ///
    /// Idempotent.
    func drop(_ scratch: ScratchDatabase) async throws
}

extension DatabaseServer {
    /// Unknown.
    public func estimate(of database: DatabaseTarget) async throws -> ByteCount? { nil }
}
