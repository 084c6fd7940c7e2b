// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import TestSupport

/// The parts of a ``Bench`` as a process sees them that may die at any call.
struct MortalPorts: BackupStore, BackupVault, OffsiteStores, DatabaseServer, DatabaseLock {
    let process: MortalProcess
    let bench: Bench

    /// Backups that die with the process.
    var backups: Backups {
        Backups(store: self, vault: self, offsite: self, server: self, lock: self, time: bench.time)
    }

    func nextBackupID() async throws -> BackupID {
        try await process.call { try await bench.store.nextBackupID() }
    }

    func save(_ backup: Backup) async throws { try await process.call { try await bench.store.save(backup) } }

    func backup(_ id: BackupID) async throws -> Backup? {
        try await process.call { try await bench.store.backup(id) }
    }

    func backups(of environment: EnvironmentKey) async throws -> [Backup] {
        try await process.call { try await bench.store.backups(of: environment) }
    }

    func remove(_ id: BackupID) async throws { try await process.call { try await bench.store.remove(id) } }

    func receive<Result: Sendable>(
        _ backup: Backup,
        from body: @Sendable (@escaping DumpSink) async throws -> Result,
    ) async throws -> (Result, StoredDump) {
        // Half of the bytes are on disk when it dies before its end.
        bench.vault.put(Array("the".utf8), for: backup.id)
        return try await process.call { try await bench.vault.receive(backup, from: body) }
    }

    func holds(_ backup: Backup) async throws -> Bool {
        try await process.call { try await bench.vault.holds(backup) }
    }

    func publish(_ backup: Backup) async throws {
        try await process.call { try await bench.vault.publish(backup) }
    }

    func read(_ backup: Backup, into sink: @escaping DumpSink) async throws -> StoredDump {
        try await process.call { try await bench.vault.read(backup, into: sink) }
    }

    func read(_ backup: Backup, _ part: Range<Int64>, into sink: @escaping DumpSink) async throws {
        try await process.call { try await bench.vault.read(backup, part, into: sink) }
    }

    func seal(of backup: Backup, passing: @escaping ByteCounter) async throws -> DumpSeal {
        try await process.call { try await bench.vault.seal(of: backup, passing: passing) }
    }

    func contents(of environment: EnvironmentKey) async throws -> VaultContents {
        try await process.call { try await bench.vault.contents(of: environment) }
    }

    func discard(_ backup: Backup) async throws {
        try await process.call { try await bench.vault.discard(backup) }
    }

    func borrow<Result: Sendable>(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
        body: @Sendable (DumpSource) async throws -> Result,
    ) async throws -> Result {
        try await process.call { try await bench.vault.borrow(backup, from: source, body: body) }
    }

    func adopt(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws {
        try await process.call { try await bench.vault.adopt(backup, from: source) }
    }

    func address(of store: StoreName) async throws -> String? {
        try await process.call { try await bench.offsite.address(of: store) }
    }

    func send(_ backup: Backup, to store: StoreName, passing: @escaping ByteCounter) async throws {
        try await process.call { try await bench.offsite.send(backup, to: store, passing: passing) }
    }

    func seal(
        of backup: Backup,
        in store: StoreName,
        passing: @escaping ByteCounter,
    ) async throws -> DumpSeal {
        try await process.call { try await bench.offsite.seal(of: backup, in: store, passing: passing) }
    }

    func publish(_ backup: Backup, to store: StoreName) async throws {
        try await process.call { try await bench.offsite.publish(backup, to: store) }
    }

    func read(_ backup: Backup, from store: StoreName, into sink: @escaping DumpSink) async throws {
        try await process.call { try await bench.offsite.read(backup, from: store, into: sink) }
    }

    func contents(of environment: EnvironmentKey, in store: StoreName) async throws -> VaultContents {
        try await process.call { try await bench.offsite.contents(of: environment, in: store) }
    }

    func discard(_ backup: Backup, from store: StoreName) async throws {
        try await process.call { try await bench.offsite.discard(backup, from: store) }
    }

    func dump(_ database: DatabaseTarget, into sink: @escaping DumpSink) async throws -> DumpedDatabase {
        try await process.call { try await bench.server.dump(database, into: sink) }
    }

    func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        try await process.call { try await bench.server.makeScratch(scratch, for: backup) }
    }

    func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] {
        try await process.call {
            try await bench.server.restore(backup, into: scratch, for: heir, from: feed)
        }
    }

    func fingerprint(of scratch: ScratchDatabase) async throws -> (DatabaseFingerprint, serverVersion: String)
    {
        try await process.call { try await bench.server.fingerprint(of: scratch) }
    }

    func drop(_ scratch: ScratchDatabase) async throws {
        try await process.call { try await bench.server.drop(scratch) }
    }

    func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        try await process.call { try await bench.server.drill(backup, from: feed) }
    }

    func clearDrills(
        beside database: DatabaseTarget,
        but running: Set<BackupID>,
    ) async throws -> [BackupID] {
        try await process.call {
            try await bench.server.clearDrills(beside: database, but: running)
        }
    }

    func hold<Result: Sendable>(
        _ database: DatabaseTarget,
        for purpose: String,
        waiting: Duration,
        body: @Sendable () async throws -> Result,
    ) async throws -> Result {
        try await bench.lock.hold(database, for: purpose, waiting: waiting, body: body)
    }
}
