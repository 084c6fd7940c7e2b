// SPDX-License-Identifier: Apache-2.0
import Manifest
import Delivery
import Core
import DataSafety
import FoundationEssentials
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

/// A server of its own whose log is archived, with every real part but the catalogue.
struct ArchiveBench: Sendable {
    let cluster: RunningCluster
    let database: TestDatabase
    let backups: Backups
    let vault: FileLogVault
    let files: FileBackupVault
    let server: PostgresDatabaseServer
    let pointInTime: PointInTime

    private init(_ cluster: RunningCluster, _ database: TestDatabase) {
        (self.cluster, self.database) = (cluster, database)
        let (layout, key) = (cluster.home.layout, RecoveryKey())
        server = PostgresDatabaseServer(layout: layout)
        files = FileBackupVault(layout: layout, key: key)
        vault = FileLogVault(layout: layout, key: key)
        backups = Backups(
            store: cluster.store,
            vault: files,
            offsite: RcloneStores(layout: layout),
            server: EitherServer(databases: server, whole: BaseBackupServer(server, vault: vault)),
            lock: NoLock(),
        )
        pointInTime = PointInTime(backups: backups, source: server, vault: vault)
    }

    /// Starts a server, begins to archive its log while it runs, and removes both whatever happens.
    static func with(_ body: (ArchiveBench) async throws -> Void) async throws {
        try await TestHome.with { home in
            let plain = try home.accessory()
            let address = try await home.ensure(plain)
            var accessory = plain
            accessory.manifest.archive = .wal
            let before = try home.process(plain)
            _ = try await home.ensure(accessory)
            // Nothing that serves is started anew for it.
            #expect(try home.process(plain) == before)
            let cluster = RunningCluster(home: home, accessory: accessory, address: address)
            try await body(
                ArchiveBench(cluster, try await cluster.makeDatabase("CREATE TABLE t (id int)"))
            )
        }
    }

    /// As the archive knows the server.
    var target: DatabaseTarget { .cluster(of: database.target) }

    /// Where its parts lie.
    var folder: ClusterFolder { cluster.home.folder(cluster.accessory) }

    /// A base backup, proven.
    @discardableResult
    func base() async throws -> Backup {
        let written = try await backups.create(target, because: .schedule)
        return try await backups.drill(written.id)
    }

    /// One round.
    @discardableResult
    func tend() async throws -> LogRound { try await pointInTime.tend(database.target) }

    /// Whether nothing leads to the present: asked of an archive that was just looked at, since of one that nobody has looked at for
    /// long nobody knows.
    func needsBase() async throws -> Bool {
        try await tend()
        return try await pointInTime.needsBase(database.target)
    }

    /// The server's time of day, of which everything committed so far is the past and everything that comes the future.
    func moment() async throws -> Date {
        let seconds = try await cluster.value("postgres", "SELECT extract(epoch FROM clock_timestamp())")
        return Date(timeIntervalSince1970: try #require(Double(seconds)))
    }

    /// Has the server begin another segment, and archives the one before.
    func fill() async throws {
        try await database.run("INSERT INTO t VALUES (0)", "DELETE FROM t WHERE id = 0")
        let before = try await vault.segments(of: target).count
        try await cluster.administer("postgres", "SELECT pg_switch_wal()")
        try await until {
            try await tend()
            return try await vault.segments(of: target).count > before
        }
    }

    /// How many rows a table had at a moment, told by a backup that is made of it and proven; nil for no such table.
    func rows(_ table: String = "public.t", asOf moment: Date) async throws -> Int64? {
        let made = try await pointInTime.backup(database.target, asOf: moment, by: "a test")
        let proven = try await backups.drill(made.id)
        #expect(proven.isVerified, "\(proven.failure.map(String.init(describing:)) ?? "")")
        return proven.content?.fingerprint.tables[table]?.rows
    }

    /// The file of an archived segment.
    func path(_ segment: LogSegment) -> String {
        "\(cluster.home.layout.logArchives(of: target.environment))/\(target.accessory)/\(segment.stream)/\(segment.name)"
    }
}

/// Gives databases to one server and whole clusters to another, as the product does.
private struct EitherServer: DatabaseServer {
    let databases: PostgresDatabaseServer
    let whole: BaseBackupServer

    private func server(_ target: DatabaseTarget) -> any DatabaseServer {
        target.kind == .cluster ? whole : databases
    }

    func dump(_ database: DatabaseTarget, into sink: @escaping DumpSink) async throws -> DumpedDatabase {
        try await server(database).dump(database, into: sink)
    }

    func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        try await server(backup.database).drill(backup, from: feed)
    }

    func clearDrills(beside database: DatabaseTarget, but running: Set<BackupID>) async throws -> [BackupID] {
        try await server(database).clearDrills(beside: database, but: running)
    }

    func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        try await databases.makeScratch(scratch, for: backup)
    }

    func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] { try await databases.restore(backup, into: scratch, for: heir, from: feed) }

    func fingerprint(
        of scratch: ScratchDatabase
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        try await databases.fingerprint(of: scratch)
    }

    func drop(_ scratch: ScratchDatabase) async throws { try await databases.drop(scratch) }
}
