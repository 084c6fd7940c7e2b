// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety

/// Migrations as numbered files `NNNN_name.sql`, applied through `DATABASE_URL` by the role that owns the
/// database.
///
/// Each file is one transaction together with its row in `opshub_migrations`, so it is applied as a whole
/// or not at all. A file that begins with `-- opshub: no-transaction` runs statement by statement, for
/// `CREATE INDEX CONCURRENTLY` and the like; how far it came is recorded, and another attempt goes on from
/// there.
public struct SQLMigrations: MigrationTool {
    private let lockTimeout: Duration

    /// Migrations with a limit for how long a statement may wait for a lock; everybody who wants the same
    /// table waits behind it.
    public init(lockTimeout: Duration = .seconds(5)) {
        self.lockTimeout = lockTimeout
    }

    /// Compares files and database; see ``DataSafety/MigrationTool``.
    public func status(of job: MigrationJob) async throws -> MigrationOutlook {
        let folder = try SQLMigrationFolder(job.directory)
        return try await connected(job) { session in
            try SQLMigrationPlan(folder, try await SQLMigrationRecord.all(session)).outlook
        }
    }

    /// Applies files up to the last of `targets`; see ``DataSafety/MigrationTool``.
    public func apply(
        _ targets: [MigrationRevision],
        of job: MigrationJob,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        let folder = try SQLMigrationFolder(job.directory)
        let known = Set(folder.files.map(\.revision))
        if let stranger = targets.first(where: { !known.contains($0) }) {
            throw Failure(.migrationFailed, "there is no migration \(stranger) in \(job.directory)")
        }
        guard let last = targets.max() else { return }
        try await connected(job) { session in
            let records = try await SQLMigrationRecord.all(session)
            let plan = try SQLMigrationPlan(folder, records)
            let run = SQLMigrationRun(session: session, deadline: job.timeout, onLine: onLine)
            for file in plan.pending where file.revision <= last {
                try await run.apply(file, from: records[file.revision]?.statements)
            }
        }
    }

    func connected<Result: Sendable>(
        _ job: MigrationJob,
        body: (PostgresSession) async throws -> Result,
    ) async throws -> Result {
        guard let url = job.variables["DATABASE_URL"] else {
            throw Failure(.migrationFailed, "there is no DATABASE_URL for the migrations of \(job.database)")
        }
        let endpoint = PostgresEndpoint(url: url).named("opshub migrations")
            .with(settings: [
                "lock_timeout": "\(lockTimeout.inMilliseconds)",
                "statement_timeout": "\(job.timeout.inMilliseconds)",
            ])
        return try await telling("reading the migrations of \(job.database)") {
            try await PostgresSession.with(endpoint, body: body)
        }
    }
}
