// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Fills an empty database with a dump.
struct DatabaseRestore {
    /// The server.
    let access: ClusterAccess
    /// Programs of its version.
    let programs: PostgresPrograms
    /// How long it may take.
    let deadline: Duration
    /// Whether it shall keep nobody waiting.
    var isBackground = false
    /// Whether rows are another environment's, so that no message may show any.
    var hidesRows = false
    /// Whether large tables that were just restored are read, while others are.
    var readsBack = false

    /// Restores what `feed` hands over as often as it is asked; rows in several lanes where that is worth it.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - content: What was dumped.
    ///   - outline: Of the dump; nil when it could not be read.
    ///   - options: Of `pg_restore`, besides those that every restore has.
    ///   - isAtomic: Whether whatever goes through one call of `pg_restore` alone is one transaction.
    ///   - remake: Makes the database as it was before.
    ///   - feed: Hands the dump over.
    /// - Returns: What was read back meanwhile.
    /// - Throws: `backup-failed` as soon as anything in them does not restore; another error where that says nothing against them.
    @discardableResult
    func run(
        _ database: String,
        _ content: BackupContent,
        _ outline: ArchiveOutline?,
        _ options: [String] = [],
        isAtomic: Bool = false,
        remaking remake: () async throws -> Void,
        from feed: DumpFeed,
    ) async throws -> ReadTables {
        let atomic = isAtomic ? ["--single-transaction"] : []
        let most = isBackground ? RestoreLanes.most : RestoreLanes.mostBesideOthers
        let lanes = outline.map { RestoreLanes($0, of: content.fingerprint.tables, most: most).lanes } ?? []
        if let outline, !lanes.isEmpty {
            do {
                return try await run(database, content, outline, lanes, options, atomic, feed)
            } catch let failure as Failure where failure.code == .backupFailed {
                // That says nothing against the dump yet. Rows may need those of another table (a check that calls a function), and what is
                // done side by side can be in each other's way. So all of it once more, in the order in which it was dumped.
                try await remake()
            }
        }
        // What is no archive, it refuses with its own words.
        try await take(database, options + atomic, from: feed)
        return ReadTables()
    }

    private func run(
        _ database: String,
        _ content: BackupContent,
        _ outline: ArchiveOutline,
        _ lanes: [RestoreLane],
        _ options: [String],
        _ atomic: [String],
        _ feed: DumpFeed,
    ) async throws -> ReadTables {
        let files = try RestoreFiles(of: database, access)
        return try await files.lend(outline, lanes.map(\.others)) { files in
            try await call(database, options + atomic + ["--section=pre-data", files.outline])
            let read = try await rows(
                database,
                outline,
                zip(lanes, files.lists),
                options,
                content.encoding?.plain.size ?? content.seal.size,
                feed,
            )
            try await call(
                database,
                options + [
                    "--section=post-data", "--jobs=\(isBackground ? RestoreLanes.most : lanes.count)",
                    files.outline,
                ],
            )
            return read
        }
    }

    /// Restores rows in all lanes at once.
    private func rows(
        _ database: String,
        _ outline: ArchiveOutline,
        _ lanes: Zip2Sequence<[RestoreLane], [String]>,
        _ options: [String],
        _ size: ByteCount,
        _ feed: DumpFeed,
    ) async throws -> ReadTables {
        let readBack = readsBack ? ReadBack(lanes: lanes.underestimatedCount) : nil
        try await withThrowingTaskGroup { group in
            for (number, (lane, list)) in lanes.enumerated() {
                let session = LaneRestore(
                    endpoint: access.record.endpoint(database, as: "restore"),
                    outline: outline,
                    lane: lane,
                    number: number,
                    deadline: deadline,
                    isBackground: isBackground,
                    readBack: readBack,
                )
                group.addTask(name: "lane of a restore") {
                    do {
                        if !lane.others.isEmpty {
                            let begin = lane.othersBegin ?? Int64(outline.bytes.count)
                            try await take(
                                database,
                                options + ["--section=data", "--use-list=\(list)"],
                                isPart: true,
                                from: DumpFeed { sink in
                                    try await sink(outline.bytes)
                                    try await feed(begin..<max(begin, size.bytes), sink)
                                },
                            )
                        }
                        try await session.run(from: feed)
                    } catch {
                        // Whoever waits for what it would have filled waits no longer.
                        await readBack?.end(number)
                        throw if let error = error as? PostgresError { try failure(error) } else { error }
                    }
                }
            }
            // The first that fails ends the others.
            while try await group.next() != nil {}
        }
        return await readBack?.tables ?? ReadTables()
    }

    /// Lets `pg_restore` read what `feed` hands over, to the end unless it is to take a part of it.
    private func take(
        _ database: String,
        _ options: [String],
        isPart: Bool = false,
        from feed: DumpFeed,
    ) async throws {
        let program = try program(database, options)
        let (result, tookAll) = try await StreamedProgram(program: program).feed { try await feed($0) }
        guard !result.isSuccess || !(tookAll || isPart) else { return }
        throw try await failure(database, result)
    }

    /// Lets `pg_restore` read a file.
    private func call(_ database: String, _ options: [String]) async throws {
        let result = try await ProgramRunner().run(try program(database, options))
        guard !result.isSuccess else { return }
        throw try await failure(database, result)
    }

    private func program(_ database: String, _ options: [String]) throws -> Program {
        var program = try access.program(
            programs.path(of: "pg_restore"),
            ["--exit-on-error", "--no-subscriptions", "--format=custom", "--dbname=\(database)"] + options,
            database: database,
            settings: ["synchronous_commit": "off", "statement_timeout": "0", "lock_timeout": "0"],
            deadline: deadline,
        )
        program.isBackground = isBackground
        return program
    }

    private func failure(_ database: String, _ result: ProgramResult) async throws -> Failure {
        try await requireServer(database, result)
        return Failure(
            .backupFailed,
            "pg_restore refused the dump: \(reason(result))",
            hint: "keep it for a look, and make another one: opshub backup create",
            evidence: ["$ \(result.program)"]
                + result.errors.lastLines(20)
                .filter { line in
                    !hidesRows || !(line.hasPrefix("CONTEXT:") || line.hasPrefix("DETAIL:"))
                },
        )
    }

    /// After a failed restore: throws what else may have been the reason, since that says nothing about the
    /// dump.
    private func requireServer(_ database: String, _ result: ProgramResult) async throws {
        if case .signalled = result.ending {
            throw Failure(.programFailed, "pg_restore was \(result.endingInWords)", isRetryable: true)
        }
        let machine = [
            "No space left on device", "out of memory", "out of shared memory", "Cannot allocate memory",
        ]
        if let found = machine.first(where: { result.errors.contains($0) }) {
            throw Failure(
                found == machine[0] ? .diskFull : .programFailed,
                "pg_restore gave up: \(reason(result))",
                hint: "this says nothing against the backup",
                isRetryable: true,
            )
        }
        try requireRoom()
        try await telling("restoring into \(database)") {
            try await PostgresSession.with(access.record.endpoint(database, as: "restore")) { session in
                _ = try await session.query("SELECT 1")
            }
        }
    }

    /// What a session could not do; where that says something against the dump, a restore in one piece will say it again.
    private func failure(_ error: PostgresError) throws -> Failure {
        // Class 53 is what a machine lacks; nothing of that is the dump's fault.
        let isShort = error.sqlState?.hasPrefix("53") == true
        guard isShort || error.isUnavailable else {
            return Failure(.backupFailed, "rows of the dump did not go in: \(error.message)")
        }
        try requireRoom()
        return Failure(
            error.sqlState == "53100" ? .diskFull : .programFailed,
            "the restore gave up: \(error.message)",
            hint: "this says nothing against the backup",
            isRetryable: true,
        )
    }

    private func requireRoom() throws(Failure) {
        let left = try DiskSpace.available(at: access.folder.data)
        guard left < .mebibytes(64) else { return }
        throw Failure(.diskFull, "only \(left) are left where \(access.folder.data) is")
    }

    /// The last thing that a program said, without its name.
    private func reason(_ result: ProgramResult) -> String {
        guard !result.isSuccess else { return "it stopped reading before the end" }
        let lines = result.errors.split(separator: "\n")
            .filter { $0.contains("error: ") || $0.contains("ERROR: ") }
        let line = lines.last ?? result.errors.split(separator: "\n").last
        return line.map(String.init) ?? result.endingInWords
    }
}
