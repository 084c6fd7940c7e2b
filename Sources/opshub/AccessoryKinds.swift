// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import DockerRuntime
import FolderTools
import Manifest
import PostgresTools
import RedisTools

/// Gives every accessory to the room that knows its kind; nothing else is decided here.
struct AccessoryKinds {
    private let servers: [DatabaseTarget.Kind: any DatabaseServer]
    private let exchanges: [DatabaseTarget.Kind: any DatabaseExchange]
    private let locks: [DatabaseTarget.Kind: any DatabaseLock]
    private let postgres: PostgresAccessories
    private let redis: RedisAccessories
    private let folders: FolderAccessories
    private let containers: ContainerAccessories

    /// Accessories of a home.
    init(layout: HomeLayout, logs: any LogVault, engine: Engine) {
        postgres = PostgresAccessories(layout: layout)
        redis = RedisAccessories(layout: layout)
        folders = FolderAccessories(layout: layout)
        containers = ContainerAccessories(layout: layout, engine: engine)
        let databases = PostgresDatabaseServer(layout: layout)
        servers = [
            .postgres: databases, .cluster: BaseBackupServer(databases, vault: logs),
            .redis: RedisDumps(layout: layout),
            .folder: FolderServer(layout: layout),
        ]
        exchanges = [
            .postgres: PostgresDatabaseExchange(layout: layout), .redis: RedisExchange(layout: layout),
            .folder: FolderExchange(layout: layout),
        ]
        locks = [
            .postgres: PostgresDatabaseLock(layout: layout), .redis: FolderLock(layout: layout),
            .folder: FolderLock(layout: layout), .cluster: FolderLock(layout: layout),
        ]
    }

    private func runtime(of accessory: AccessoryManifest) -> any AccessoryRuntime {
        switch accessory.kind {
        case .postgres: postgres
        case .redis: redis
        case .folder: folders
        case .container: containers
        }
    }

    private func server(of database: DatabaseTarget) throws(Failure) -> any DatabaseServer {
        try Self.known(servers[database.kind], database)
    }

    private func exchange(of database: DatabaseTarget) throws(Failure) -> any DatabaseExchange {
        try Self.known(exchanges[database.kind], database)
    }

    private static func known<Part>(_ part: Part?, _ database: DatabaseTarget) throws(Failure) -> Part {
        guard let part else { throw Failure(.unexpected, "nobody knows how to keep \(database)") }
        return part
    }
}

extension AccessoryKinds: AccessoryRuntime {
    func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress {
        try await runtime(of: accessory.manifest).ensure(accessory)
    }

    func version(of accessory: AccessoryManifest) async throws -> String {
        try await runtime(of: accessory).version(of: accessory)
    }

    func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress? {
        try await runtime(of: accessory.manifest).address(of: accessory)
    }
}

extension AccessoryKinds: DatabaseServer {
    func dump(_ database: DatabaseTarget, into sink: @escaping DumpSink) async throws -> DumpedDatabase {
        try await server(of: database).dump(database, into: sink)
    }

    func estimate(of database: DatabaseTarget) async throws -> ByteCount? {
        try await server(of: database).estimate(of: database)
    }

    func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        try await server(of: backup.database).drill(backup, from: feed)
    }

    func clearDrills(beside database: DatabaseTarget, but running: Set<BackupID>) async throws -> [BackupID] {
        try await server(of: database).clearDrills(beside: database, but: running)
    }

    func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        try await server(of: scratch.original).makeScratch(scratch, for: backup)
    }

    func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] {
        try await server(of: scratch.original).restore(backup, into: scratch, for: heir, from: feed)
    }

    func fingerprint(
        of scratch: ScratchDatabase
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        try await server(of: scratch.original).fingerprint(of: scratch)
    }

    func drop(_ scratch: ScratchDatabase) async throws {
        try await server(of: scratch.original).drop(scratch)
    }
}

extension AccessoryKinds: DatabaseExchange {
    func dress(_ copy: ScratchDatabase, like database: DatabaseTarget, masking: String?) async throws {
        try await exchange(of: database).dress(copy, like: database, masking: masking)
    }

    func shut(_ database: DatabaseTarget) async throws { try await exchange(of: database).shut(database) }

    func open(_ database: DatabaseTarget) async throws { try await exchange(of: database).open(database) }

    func exchange(_ database: DatabaseTarget, with copy: String, keeping kept: String) async throws {
        try await exchange(of: database).exchange(database, with: copy, keeping: kept)
    }

    func names(beside database: DatabaseTarget) async throws -> [String]? {
        try await exchange(of: database).names(beside: database)
    }

    func present(
        _ database: DatabaseTarget
    ) async throws -> (WriteCounters, definitions: [String: String]) {
        try await exchange(of: database).present(database)
    }
}

extension AccessoryKinds: DatabaseLock {
    func hold<Result: Sendable>(
        _ database: DatabaseTarget,
        for purpose: String,
        waiting: Duration,
        body: @Sendable () async throws -> Result,
    ) async throws -> Result {
        try await Self.known(locks[database.kind], database)
            .hold(database, for: purpose, waiting: waiting, body: body)
    }
}
