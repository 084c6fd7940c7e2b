// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem

/// Makes a server of a base backup: in a throwaway folder, of the same version, with nobody to come in but OpsHub.
struct ClusterRecovery {
    /// What there is of the accessory.
    let databases: PostgresDatabaseServer
    /// The server, or a database of it.
    let target: DatabaseTarget
    /// The base backup.
    let content: BackupContent
    /// Hands a segment of the log over.
    var log: LogReader = { _, _ in false }

    /// Makes one, lends it once it has replayed the log, and removes it whatever happens.
    ///
    /// - Parameters:
    ///   - id: Names its folder.
    ///   - moment: The last of which transactions are replayed; nil for a drill, which checks every file and replays what they need.
    ///   - feed: Hands the base backup over.
    ///   - body: What is done with it; it is told what files there were.
    /// - Returns: What `body` returns.
    /// - Throws: `backup-failed` when the files are not what they were, or the server does not get to the moment.
    func lend<Result: Sendable>(
        _ id: BackupID,
        to moment: Date?,
        from feed: DumpFeed,
        _ body: @Sendable @escaping (ClusterServer, BaseManifest) async throws -> Result,
    ) async throws -> Result {
        let original = try ClusterAccess(target.accessory, of: target.environment, in: databases.layout)
        guard content.server.major == "\(original.record.major)" else {
            throw Failure(
                .conflict,
                "the base backup is of PostgreSQL \(content.server.major), and its accessory runs \(original.record.major)",
            )
        }
        let programs = try await PostgresPrograms.locate(original.record.major, below: databases.packages)
        // As the original's own account: what lies in the files, that has anyway, and none of what others have written runs here.
        guard let owner = SystemUser.find(name: original.record.account) else {
            throw Failure(.damagedState, "the account \(original.record.account) is gone")
        }
        let folder = PostgresDatabaseServer.drill(of: id, original.folder)
        var needs = RecoveryNeeds(target: moment, isBackground: moment == nil)
        needs.original = try await databases.needs(of: content, original)
        let archive = BaseArchive()
        let server = ThrowawayServer(
            original: original,
            owner: owner,
            folder: folder,
            use: .recovery(needs),
            files: .made { folder, owner in
                try await unpack(
                    DumpFeed { sink in
                        try await feed { bytes in
                            try await archive.read(bytes)
                            try await sink(bytes)
                        }
                    },
                    into: folder,
                    for: owner,
                    programs,
                    isProof: moment == nil,
                )
            },
            programs: programs,
            supervisor: databases.supervisor,
            patience: databases.deadline,
        )
        let room = ThrowawayServer.Room(
            needed: PostgresDatabaseServer.room(for: content.databaseSize),
            kept: .mebibytes(256),
            purpose: moment == nil ? "a drill of a base backup" : "going back to a moment",
        )
        let feeder = SegmentFeeder(
            folder: "\(folder.path)/\(RecoveryNeeds.segments)",
            owner: owner,
            log: log,
        )
        do {
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask(name: "a server that goes back") {
                    try await server.lend(within: room) { server in
                        try await body(server, try await archive.finish())
                    }
                }
                group.addTask(name: "its log") {
                    try await feeder.run()
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let result = first else {
                    throw CancellationError()
                }
                return result
            }
        } catch let failure as Failure where failure.code == .serviceExited {
            throw Self.verdict(failure, moment)
        }
    }

    /// What a server that ended by itself said last is why it did not get there; where it says nothing of the log or its files, that speaks against neither.
    private static func verdict(_ failure: Failure, _ moment: Date?) -> Failure {
        let said = failure.evidence.last { $0.contains("FATAL: ") || $0.contains("PANIC: ") }
        let isAgainst = said.map { line in
            ["recovery", "WAL", "checkpoint", "backup", "invalid", "corrupt"].contains { line.contains($0) }
        }
        let reason = said?.split(separator: ": ").last?.drop { $0 == " " }
        let what =
            moment.map { "the server did not get to \(RecoveryNeeds.text(of: $0))" }
            ?? "no server starts with the files"
        return Failure(
            isAgainst == true ? .backupFailed : .programFailed,
            "\(what): \(reason.map(String.init) ?? failure.message)",
            evidence: failure.evidence,
            isRetryable: isAgainst != true,
        )
    }

    /// Puts the files where the server finds them; whatever settings lie among them, it has its own.
    private func unpack(
        _ feed: DumpFeed,
        into folder: ClusterFolder,
        for owner: SystemUser,
        _ programs: PostgresPrograms,
        isProof: Bool,
    ) async throws {
        for path in [folder.data, "\(folder.path)/\(RecoveryNeeds.segments)"] {
            try Folder.make(path, mode: 0o700)
            try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: path)
        }
        let tar = Program(
            "tar",
            [
                "--extract", "--file=-", "--directory=\(folder.data)", "--no-same-owner",
                "--preserve-permissions",
            ],
            in: folder.data,
            environment: Program.plainEnvironment,
            inheritsEnvironment: false,
            as: owner,
            deadline: databases.deadline,
        )
        let (result, tookAll) = try await StreamedProgram(program: tar).feed { try await feed($0) }
        guard result.isSuccess, tookAll else {
            if result.errors.contains("No space left on device") {
                throw Failure(
                    .diskFull,
                    "the files of a base backup do not fit where \(folder.path) is",
                    isRetryable: true,
                )
            }
            throw Failure(
                .backupFailed,
                "the base backup can't be unpacked: \(result.errors.lastLines(1).first ?? result.endingInWords)",
                evidence: result.errors.lastLines(10),
            )
        }
        if isProof { try await check(folder, owner, programs) }
        try await settle(folder, owner, programs)
    }

    /// Every file against its checksum.
    private func check(
        _ folder: ClusterFolder,
        _ owner: SystemUser,
        _ programs: PostgresPrograms,
    ) async throws {
        var program = Program(
            programs.path(of: "pg_verifybackup"),
            ["--quiet", "--no-parse-wal", folder.data],
            in: folder.data,
            environment: Program.plainEnvironment,
            inheritsEnvironment: false,
            as: owner,
            deadline: databases.deadline,
        )
        program.isBackground = true
        let result = try await ProgramRunner().run(program)
        guard !result.isSuccess else { return }
        guard case .exited = result.ending else {
            throw Failure(.programFailed, "pg_verifybackup was \(result.endingInWords)", isRetryable: true)
        }
        throw Failure(
            .backupFailed,
            "the files are not what they were: \(result.errors.lastLines(1).first ?? "")",
            evidence: result.errors.lastLines(20),
        )
    }

    /// Has the server find its own settings and no others; as the account itself, whose folder it is.
    private func settle(
        _ folder: ClusterFolder,
        _ owner: SystemUser,
        _ programs: PostgresPrograms,
    ) async throws {
        let control = try await run([programs.path(of: "pg_controldata"), folder.data], in: folder, owner)
        // A server that may have fewer prepared transactions does not take over those that are in the log.
        let prepared =
            control.firstMatch(of: /max_prepared_xacts setting: +(\d+)/).map { String($0.1) } ?? "0"
        // What was set at the original with ALTER SYSTEM would win over what this server is told.
        _ = try await run(
            [
                "sh", "-c", "echo \"$1\" >postgresql.auto.conf && : >recovery.signal", "sh",
                "max_prepared_transactions = \(prepared)",
            ],
            in: folder,
            owner,
        )
    }

    private func run(_ words: [String], in folder: ClusterFolder, _ owner: SystemUser) async throws -> String
    {
        let program = Program(
            words[0],
            Array(words.dropFirst()),
            in: folder.data,
            environment: Program.plainEnvironment,
            inheritsEnvironment: false,
            as: owner,
        )
        return try await ProgramRunner().run(program).checked(doing: "preparing \(folder.data)").output
    }
}
