// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Takes snapshots of Redis servers (RDB files) and proves them with Redis's own reader.
public struct RedisDumps: DatabaseServer {
    let layout: HomeLayout
    /// How long one step may take.
    let deadline: Duration

    /// Servers of a home.
    public init(layout: HomeLayout, deadline: Duration = .seconds(3_600)) {
        self.layout = layout
        self.deadline = deadline
    }

    /// The file of a snapshot.
    private static let snapshot = "dump.rdb"

    /// Takes a snapshot; see ``DataSafety/DatabaseServer``.
    ///
    /// The server writes it beside its data, of one moment, by a copy of its process.
    public func dump(
        _ database: DatabaseTarget,
        into sink: @escaping DumpSink,
    ) async throws -> DumpedDatabase {
        let place = RedisPlace(database, in: layout)
        let owner = try await user(of: database.environment, .data)
        let server = try RedisServer(place, owner: owner)
        let size = ByteCount(Int64(try await server.info("memory", "used_memory") ?? "") ?? 0)
        // What a control plane that ended has left.
        try await removeSnapshot(server)
        try requireRoom(size, at: place.path)
        do {
            try await takeSnapshot(server)
            let keys = try await RedisProgram.keys(
                in: Self.snapshot,
                of: place.data,
                as: owner,
                deadline: deadline,
            )
            var reading = program("cat", [Self.snapshot], in: place.data, as: owner)
            reading.isBackground = true
            let result = try await StreamedProgram(program: reading).stream(into: sink)
            _ = try result.checked(.backupFailed, doing: "reading the snapshot of \(database)")
            let version = try await server.info("server", "redis_version") ?? ""
            try await removeSnapshot(server)
            return DumpedDatabase(
                server: ServerIdentity(
                    version: version,
                    systemIdentifier: "",
                    encoding: "",
                    collation: "",
                    characterType: "",
                ),
                tool: "redis-server \(version)",
                fingerprint: Self.fingerprint(keys),
                databaseSize: size,
            )
        } catch {
            // It takes room that the server may need, and the next one needs the server. In a task of its own, since this one may be
            // cancelled; what went wrong matters more.
            try? await Task(name: "removal of a snapshot") { try await removeSnapshot(server) }.value
            throw error
        }
    }

    /// Has a snapshot read to its end by Redis's own reader; see ``DataSafety/DatabaseServer``.
    public func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let place = RedisPlace(backup.database, in: layout)
        let folder = "\(place.drills)/\(backup.id)"
        let user = try await user(of: backup.database.environment, .drills)
        try await AccountFolder.remove(folder, as: user)
        try requireRoom(backup.content?.databaseSize ?? ByteCount(0), at: place.path)
        do {
            try Folder.make(place.path)
            try Folder.make(place.drills, mode: 0o700)
            try Folder.make(folder, mode: 0o700)
            try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: folder)
            try await write(Self.snapshot, to: folder, as: user, from: feed)
            let keys = try await RedisProgram.keys(
                in: Self.snapshot,
                of: folder,
                as: user,
                deadline: deadline,
            )
            try await AccountFolder.remove(folder, as: user)
            return (Self.fingerprint(keys), try await RedisProgram.version())
        } catch {
            // In a task of its own, since this one may be cancelled.
            try await Task(name: "removal of a drill") { try await AccountFolder.remove(folder, as: user) }
                .value
            throw error
        }
    }

    /// Removes what drills left; see ``DataSafety/DatabaseServer``.
    public func clearDrills(
        beside database: DatabaseTarget,
        but running: Set<BackupID>,
    ) async throws -> [BackupID] {
        let drills = RedisPlace(database, in: layout).drills
        let left = try Folder.names(in: drills).map { BackupID($0) }.filter { !running.contains($0) }
        for id in left {
            let user = try await user(of: database.environment, .drills)
            try await AccountFolder.remove("\(drills)/\(id)", as: user)
        }
        return left
    }

    /// Makes an empty folder of data beside; see ``DataSafety/DatabaseServer``.
    public func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        let place = RedisPlace(scratch.original, in: layout)
        guard let content = backup.content else {
            throw Failure(.conflict, "backup \(backup.id) has no content to restore")
        }
        guard let record = try RedisRecord(place), Int(content.server.major) ?? 0 <= record.major else {
            throw Failure(
                .conflict,
                "backup \(backup.id) was made by Redis \(content.server.version), which the server of \(scratch.original) may not read",
                hint: "say 'redis: \(content.server.major)' in opshub.yml and deploy first",
            )
        }
        try requireRoom(content.databaseSize, at: place.path)
        let owner = try await user(of: scratch.environment, .data)
        try Folder.make(place.closed, mode: 0o700)
        let server = try RedisServer(place, owner: owner)
        try await server.makeFolder(place.copy(scratch.name))
        try await server.makeFolder("\(place.copy(scratch.name))/\(Self.log)")
    }

    /// Puts a snapshot where a server that is started on that folder begins with it; see ``DataSafety/DatabaseServer``.
    ///
    /// Not as `dump.rdb`: a server with a log of writes, and without one in its folder, begins empty and does not look there.
    public func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] {
        let place = RedisPlace(scratch.original, in: layout)
        let folder = "\(place.copy(scratch.name))/\(Self.log)"
        let owner = try await user(of: scratch.environment, .data)
        try await write(Self.base, to: folder, as: owner, from: feed)
        let manifest = Array("file \(Self.base) seq 1 type b\n".utf8)
        try await write(
            "appendonly.aof.manifest",
            to: folder,
            as: owner,
            from: DumpFeed { sink in try await sink(manifest) },
        )
        _ = try await ProgramRunner().run(Program("sync", ["--file-system", folder], deadline: deadline))
            .checked(doing: "writing \(folder) to the disk")
        return []
    }

    /// Reads what lies beside; see ``DataSafety/DatabaseServer``.
    public func fingerprint(
        of scratch: ScratchDatabase
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let place = RedisPlace(scratch.original, in: layout)
        let keys = try await RedisProgram.keys(
            in: Self.base,
            of: "\(place.copy(scratch.name))/\(Self.log)",
            as: try await user(of: scratch.environment, .data),
            deadline: deadline,
        )
        return (Self.fingerprint(keys), try RedisRecord(place).map { "\($0.major)" } ?? "")
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
            RedisPlace(scratch.original, in: layout).copy(scratch.name),
            as: try await user(of: scratch.environment, .data),
        )
    }

    private static let log = "appendonlydir"
    private static let base = "appendonly.aof.1.base.rdb"

    /// Keys are counted; that their values are right, the file's own checksum says and the backup's SHA-256.
    private static func fingerprint(_ keys: Int64) -> DatabaseFingerprint {
        DatabaseFingerprint(
            reading: "\(DatabaseFingerprint.redisReading) 1",
            tables: ["keys": TableFingerprint(rows: keys, digest: nil)],
        )
    }

    /// Removes what there is of a snapshot, once nobody writes it any more.
    private func removeSnapshot(_ server: RedisServer) async throws {
        _ = try await Patience.wait(deadline, pause: .milliseconds(20)) {
            try await server.info("persistence", "rdb_bgsave_in_progress") == "0"
        }
        try Folder.removeFile("\(server.place.data)/\(Self.snapshot)")
    }

    /// A snapshot waits for a rewrite of the log, and for one that somebody else has asked for.
    private func takeSnapshot(_ server: RedisServer) async throws {
        let last = try await server.info("persistence", "rdb_saves")
        var refusal: (any Error)?
        let hasBegun = try await Patience.wait(.seconds(600), pause: .milliseconds(50)) {
            do {
                try await server.ask("BGSAVE")
                return true
            } catch let failure as Failure
                where failure.code == .programFailed
                && failure.evidence.contains(where: { $0.contains("in progress") || $0.contains("AOF") })
            {
                refusal = failure
                return false
            }
        }
        if !hasBegun, let refusal { throw refusal }
        let isDone = try await Patience.wait(deadline, pause: .milliseconds(20)) {
            try await server.info("persistence", "rdb_bgsave_in_progress") == "0"
        }
        guard isDone, try await server.info("persistence", "rdb_last_bgsave_status") == "ok",
            try await server.info("persistence", "rdb_saves") != last
        else {
            throw Failure(
                .backupFailed,
                "Redis could not write a snapshot",
                hint: "see its log: \(server.place.log)/current",
                isRetryable: true,
            )
        }
    }

    private func user(
        of environment: EnvironmentKey,
        _ purpose: AccountName.Purpose,
    ) async throws -> SystemUser {
        try await UnprivilegedAccount().ensure(AccountName(environment, purpose))
    }

    /// A call in a folder, with nothing of the caller's variables.
    private func program(
        _ name: String,
        _ arguments: [String],
        in folder: String,
        as user: SystemUser,
    ) -> Program {
        Program(
            name,
            arguments,
            in: folder,
            environment: Program.plainEnvironment,
            inheritsEnvironment: false,
            as: user,
            deadline: deadline,
        )
    }

    /// Writes a file as an account, in a folder that it need not be able to find.
    private func write(
        _ name: String,
        to folder: String,
        as user: SystemUser,
        from feed: DumpFeed,
    ) async throws {
        let program = program("dd", ["of=\(name)", "bs=1M", "status=none"], in: folder, as: user)
        let (result, tookAll) = try await StreamedProgram(program: program).feed { try await feed($0) }
        guard result.isSuccess, tookAll else {
            let isFull = result.errors.contains("No space left") || result.errors.contains("quota")
            throw Failure(
                isFull ? .diskFull : .programFailed,
                "writing \(folder)/\(name) failed: \(result.endingInWords)",
                evidence: result.errors.lastLines(5),
                isRetryable: true,
            )
        }
    }

    /// A snapshot takes at most what the data take in memory.
    private func requireRoom(_ size: ByteCount, at path: String) throws(Failure) {
        let needed = ByteCount(size.bytes + ByteCount.mebibytes(128).bytes)
        let left = try DiskSpace.available(at: path)
        guard left < needed else { return }
        throw Failure(
            .diskFull,
            "a snapshot may need \(needed) where \(path) is, and only \(left) are free",
            hint: "remove what is not needed; this says nothing against any backup",
        )
    }
}
