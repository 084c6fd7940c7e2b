// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import GRDB

/// The embedded state database: opened, checked and brought to the present schema, or refused.
public struct StateDatabase: Sendable {
    let queue: DatabaseQueue
    private let path: String
    private let reserve: DiskReserve

    /// Opens the database at `path`, which is made when it does not exist.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - patience: How long a call waits for another process that writes.
    /// - Throws: `state-locked` when another process holds it, `damaged-state` when it is no database, fails SQLite's
    ///   own check, or was written by a newer OpsHub. The file is never changed or deleted then.
    public init(path: String, patience: Duration = .seconds(5)) throws(Failure) {
        self.path = path
        reserve = DiskReserve(path: "\(path)-reserve")
        // Opening needs room too.
        reserve.releaseIfNeeded()
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(patience.inSeconds)
            try Self.check(path, configuration)
            try Self.keepToOwner(path)
            configuration.prepareDatabase { database in
                // A commit that was answered survives a power cut.
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA foreign_keys = ON; PRAGMA cache_size = -2000")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try StateUpgrade(path: path).keepWhatWas(queue, Self.migrator)
            try Self.migrator.migrate(queue)
            reserve.keep()
        } catch {
            throw Self.failure(error, path)
        }
    }

    /// Answers only if a real query does.
    public func ping() async throws {
        _ = try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM environment") }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await queue.read(body)
        } catch {
            throw Self.failure(error, path)
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value
    {
        do {
            return try await queue.write(body)
        } catch {
            throw Self.failure(error, path)
        }
    }

    /// Writes what must not be lost: on a full disk the reserve is given up for it.
    func writeAtAnyRate<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await write(body)
        } catch let failure as Failure where failure.code == .diskFull && reserve.release() {
            return try await write(body)
        }
    }

    /// Takes the reserve again once there is room.
    func keepReserve() { reserve.keep() }

    func giveUpReserve() { _ = reserve.release() }

    /// Throws `damaged-state` unless what is there can be used.
    private static func check(_ path: String, _ configuration: Configuration) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        var configuration = configuration
        // One that may write would empty the write-ahead log of a killed process into a damaged file when it is closed.
        configuration.readonly = true
        try DatabaseQueue(path: path, configuration: configuration)
            .read { database in
                let findings = try String.fetchAll(database, sql: "PRAGMA quick_check(3)")
                guard findings == ["ok"] else {
                    throw damaged(path, cause: findings.joined(separator: "; "))
                }
                guard try !migrator.hasBeenSuperseded(database) else {
                    throw try StateUpgrade(path: path).refusal(database, migrator)
                }
            }
    }

    /// The log and the shared memory of SQLite take their mode from the file.
    private static func keepToOwner(_ path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    private static func failure(_ error: any Error, _ path: String) -> Failure {
        guard let database = error as? DatabaseError else {
            return Failure.wrapping(error, doing: "using the state database \(path)")
        }
        switch database.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return Failure(
                .stateLocked,
                "the state database \(path) is locked by another process",
                hint: "see who holds it: fuser \(path)",
                cause: database.description,
                isRetryable: true,
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return damaged(path, cause: database.description)
        case .SQLITE_FULL:
            return Failure(
                .diskFull,
                "there is no room for the state database \(path)",
                cause: database.description,
            )
        default:
            return Failure(.unexpected, "the state database \(path) failed", cause: database.description)
        }
    }

    private static func damaged(_ path: String, cause: String) -> Failure {
        Failure(
            .damagedState,
            "the state database \(path) is damaged; nothing was changed",
            hint:
                "services go on running. Copy the file away, then try: sqlite3 \(path) .recover | sqlite3 opshub.db.recovered",
            cause: cause,
        )
    }
}
