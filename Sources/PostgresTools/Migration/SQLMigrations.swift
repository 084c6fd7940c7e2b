// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Migrations as numbered files `NNNN_name.sql`, or as Prisma writes them, applied through `DATABASE_URL` by the role that owns
/// the database.
///
/// Each file is one transaction together with its row in `opshub_migrations`, so it is applied as a whole
/// or not at all. A file that begins with `-- opshub: no-transaction` runs statement by statement, for
/// `CREATE INDEX CONCURRENTLY` and the like; how far it came is recorded, and another attempt goes on from
/// there.
public struct SQLMigrations: MigrationTool {
    /// How long a statement waits for a lock: as short as can be, since everybody who wants the same table waits behind it, and longer than
    /// `deadlock_timeout` (1 s), after which an autovacuum in the way gives up.
    public static let lockTimeout: Duration = .seconds(2)

    /// As what applies migrations is called on the server, where its driver hears of it.
    static let sessionName = "opshub migrations"

    private let lockTimeout: Duration
    let book: MigrationBook

    /// Migrations with a limit for how long a statement may wait for a lock.
    public init(lockTimeout: Duration = Self.lockTimeout) {
        self.lockTimeout = lockTimeout
        book = .opshub
    }

    /// Prisma's, applied and written down as `prisma migrate deploy` does, without Prisma's own program.
    ///
    /// Each is one transaction where it can be.
    public static func prisma(lockTimeout: Duration = Self.lockTimeout) -> SQLMigrations {
        SQLMigrations(lockTimeout: lockTimeout, book: .prisma)
    }

    private init(lockTimeout: Duration, book: MigrationBook) {
        self.lockTimeout = lockTimeout
        self.book = book
    }

    /// Compares files and database; see ``DataSafety/MigrationTool``.
    public func status(of job: MigrationJob) async throws -> MigrationOutlook {
        try await connected(job) { session in try await plan(of: job, session).0.outlook }
    }

    /// Every migration of a release, in order.
    func files(of job: MigrationJob) throws(Failure) -> [SQLMigrationFile] {
        switch book {
        case .opshub: try SQLMigrationFolder(job.directory).files
        case .prisma: try PrismaFolder.files(job.directory)
        }
    }

    private func plan(
        of job: MigrationJob,
        _ session: PostgresSession,
    ) async throws -> (SQLMigrationPlan, [MigrationRevision: SQLMigrationRecord]) {
        let records = try await SQLMigrationRecord.all(session, in: book)
        if book == .prisma { try await refuseUnknownSchema(session, job) }
        let plan =
            switch book {
            case .opshub: try SQLMigrationPlan(try SQLMigrationFolder(job.directory), records)
            case .prisma: try SQLMigrationPlan(prisma: try files(of: job), records)
            }
        return (plan, records)
    }

    /// Applies files up to the last of `targets`; see ``DataSafety/MigrationTool``.
    public func apply(
        _ targets: [MigrationRevision],
        of job: MigrationJob,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        let known = Set(try files(of: job).map(\.revision))
        if let stranger = targets.first(where: { !known.contains($0) }) {
            throw Failure(.migrationFailed, "there is no migration \(stranger) in \(job.directory)")
        }
        guard let last = targets.max() else { return }
        try await connected(job) { session in
            try await lock(session, job)
            let (plan, records) = try await plan(of: job, session)
            let run = await run(session, job, onLine)
            try await run.watch.during {
                for file in plan.pending where file.revision <= last {
                    try await run.apply(file, from: records[file.revision]?.statements)
                }
            }
        }
    }

    /// What applies a release's files through a session, and takes them back.
    func run(
        _ session: PostgresSession,
        _ job: MigrationJob,
        _ onLine: @Sendable @escaping (String) async -> Void = { _ in },
    ) async -> SQLMigrationRun {
        SQLMigrationRun(
            session: session,
            book: book,
            deadline: job.timeout,
            watch: LockWatch(job, limit: lockTimeout, over: .session(await session.process)),
            onLine: onLine,
        )
    }

    /// A schema that nobody has written down as Prisma's: everything would be applied from the first migration on.
    ///
    /// Prisma refuses the same (P3005).
    private func refuseUnknownSchema(_ session: PostgresSession, _ job: MigrationJob) async throws {
        let rows = try await session.query(
            """
            SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE to_regclass('public._prisma_migrations') IS NULL AND c.relkind IN ('r', 'p', 'v', 'm')
                AND (n.nspname = 'public' OR c.relname = '_prisma_migrations')
                AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
            ORDER BY c.relname <> '_prisma_migrations', 1, 2 LIMIT 1
            """
        )
        guard let row = rows.first else { return }
        let isElsewhere = row[1] == "_prisma_migrations"
        throw Failure(
            .migrationFailed,
            isElsewhere
                ? "\(job.database) has Prisma's table in the schema \(row[0]), and only public is looked at"
                : "\(job.database) has tables (\(row[1])) and no _prisma_migrations that says what was applied",
            hint: isElsewhere
                ? "move it: ALTER TABLE \(SQLName.quoted(row[0]))._prisma_migrations SET SCHEMA public"
                : "say what is there already: prisma migrate resolve --applied NAME, for each migration that is",
        )
    }

    /// Until the session ends.
    private func lock(_ session: PostgresSession, _ job: MigrationJob) async throws {
        guard let key = book.advisoryLock else { return }
        let isMine = try await Patience.wait(lockTimeout) {
            try await session.query("SELECT pg_try_advisory_lock(\(key))").first?.isTrue(0) == true
        }
        guard !isMine else { return }
        throw Failure(
            .migrationFailed,
            "somebody else is running Prisma's migrations on \(job.database)",
            hint: "wait for that to end, then deploy again",
            isRetryable: true,
        )
    }

    func connected<Result: Sendable>(
        _ job: MigrationJob,
        body: (PostgresSession) async throws -> Result,
    ) async throws -> Result {
        guard let url = job.variables["DATABASE_URL"] else {
            throw Failure(.migrationFailed, "there is no DATABASE_URL for the migrations of \(job.database)")
        }
        var settings = [
            "lock_timeout": "\(lockTimeout.inMilliseconds)",
            "statement_timeout": "\(job.timeout.inMilliseconds)",
        ]
        settings["search_path"] = book.searchPath
        let endpoint = PostgresEndpoint(url: url).named(Self.sessionName).with(settings: settings)
        return try await telling("reading the migrations of \(job.database)") {
            try await PostgresSession.with(endpoint, body: body)
        }
    }
}
