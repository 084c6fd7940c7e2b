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

    /// Restores the bytes that `feed` hands over.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - options: Of `pg_restore`, besides those that every restore has.
    ///   - feed: Hands the dump over.
    /// - Throws: `backup-failed` as soon as anything in them does not restore; another error where that says nothing against them.
    func run(
        _ database: String,
        _ options: [String],
        from feed: @escaping DumpFeed,
    ) async throws {
        var program = try access.program(
            programs.path(of: "pg_restore"),
            ["--exit-on-error", "--no-subscriptions", "--format=custom", "--dbname=\(database)"] + options,
            database: database,
            settings: ["synchronous_commit": "off", "statement_timeout": "0", "lock_timeout": "0"],
            deadline: deadline,
        )
        program.isBackground = isBackground
        let (result, tookAll) = try await StreamedProgram(program: program).feed(from: feed)
        guard !result.isSuccess || !tookAll else { return }
        try await requireServer(database, result)
        throw Failure(
            .backupFailed,
            "pg_restore refused the dump: \(reason(result))",
            hint: "keep it for a look, and make another one: opshub backup create",
            evidence: ["$ \(program)"]
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
        let left = try DiskSpace.available(at: access.folder.data)
        guard left >= .mebibytes(64) else {
            throw Failure(.diskFull, "only \(left) are left where \(access.folder.data) is")
        }
        try await telling("restoring into \(database)") {
            try await PostgresSession.with(access.record.endpoint(database, as: "restore")) { session in
                _ = try await session.query("SELECT 1")
            }
        }
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
