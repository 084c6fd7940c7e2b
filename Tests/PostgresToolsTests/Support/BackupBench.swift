// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

/// Backups of a shared cluster's databases, with every real part but the catalogue.
struct BackupBench: Sendable {
    /// The catalogue.
    let store: InMemoryBackupStore
    /// The files.
    let vault: FileBackupVault
    /// What makes and proves backups.
    let backups: Backups
    /// The server's side.
    let server: PostgresDatabaseServer
    /// What its dumps are encrypted with.
    let key = RecoveryKey()
    let cluster: RunningCluster

    /// The parts for a cluster.
    init(_ cluster: RunningCluster) {
        self.cluster = cluster
        store = cluster.store
        let layout = cluster.home.layout
        vault = FileBackupVault(layout: layout, key: key)
        server = PostgresDatabaseServer(layout: layout)
        backups = Backups(
            store: store,
            vault: vault,
            offsite: RcloneStores(layout: layout),
            server: server,
            lock: PostgresDatabaseLock(layout: layout),
        )
    }

    /// Makes a backup.
    func create(_ database: TestDatabase) async throws -> Backup {
        try await backups.create(database.target, because: .command(by: "a test"))
    }

    /// Where a backup's files are.
    func place(_ backup: Backup) -> BackupPlace { BackupPlace(backup, in: cluster.home.layout) }

    /// Replaces a dump's bytes by what `change` makes of them.
    func damage(_ backup: Backup, _ change: (inout [UInt8]) throws -> Void) throws {
        let path = place(backup).dump
        var bytes = try #require(try FileContent.bytes(of: path))
        try change(&bytes)
        try DurableFile.write(bytes, to: path, mode: 0o600)
    }

    /// Puts a copy of a backup's dump where another one's is, encrypted as that one's.
    func copyFiles(of backup: Backup, to other: Backup) async throws {
        let box = ByteCollector()
        _ = try await vault.read(backup) { box.add($0) }
        let bytes = box.bytes
        var written = other
        let (_, dump) = try await vault.receive(other) { sink in try await sink(bytes) }
        var content = try #require(backup.content)
        (content.seal, content.encoding) = (dump.seal, dump.encoding)
        written = Backup(id: other.id, of: other.database, because: other.reason, at: other.startedAt)
        try written.apply(.dumped(content), at: other.startedAt)
        try await vault.publish(written)
        try await store.save(written)
    }

    /// Writes the dump again as what `change` makes of it, as if that had been dumped.
    func redump(_ backup: Backup, _ change: (inout [UInt8]) throws -> Void) async throws {
        let box = ByteCollector()
        _ = try await vault.read(backup) { box.add($0) }
        var bytes = box.bytes
        try change(&bytes)
        let writer = try DumpWriter(place(backup).dump, of: backup.subject, key: key, reserve: ByteCount(0))
        try await writer.write(bytes)
        let dump = try await writer.finish()
        var content = try #require(backup.content)
        (content.seal, content.encoding) = (dump.seal, dump.encoding)
        var other = Backup(id: backup.id, of: backup.database, because: backup.reason, at: backup.startedAt)
        try other.apply(.dumped(content), at: backup.changedAt)
        try await store.save(other)
    }

    /// Where the server of a backup's drill lies while there is one.
    func drill(_ backup: Backup) -> ClusterFolder {
        let accessory = ClusterFolder(
            cluster.accessoryName,
            of: cluster.home.environment,
            in: cluster.home.layout,
        )
        return ClusterFolder(path: "\(accessory.path)/drills/\(backup.id)")
    }

    /// Whether a backup has the server of a drill.
    func hasDrill(_ backup: Backup) -> Bool { Folder.exists(drill(backup).path) }
}

extension BackupBench {
    /// Puts everything in order as after a crash.
    func recover() async throws -> BackupRecovery {
        try await backups.recover(
            cluster.home.environment,
            databases: [DatabaseTarget(cluster.home.environment, cluster.accessoryName, "any")],
        )
    }

    /// What the vault has.
    func listed() async throws -> [BackupID] {
        try await vault.contents(of: cluster.home.environment).backups.map(\.id)
    }
}
