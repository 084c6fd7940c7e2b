// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Manifest
import Synchronization

@testable import PostgresTools

/// Migrations of one database, with every part real.
struct MigrationBench: Sendable {
    /// What is migrated.
    let database: TestDatabase
    /// What applies them.
    let tool: any RecordedTool
    /// Its name in a manifest.
    let kind: MigrationsManifest.Tool
    /// Where the files are.
    let folder: String
    /// The release that serves meanwhile.
    var serving: String?
    /// What has last run anything else there.
    var servingSince: String?
    /// What was said.
    let lines = LineCollector()
    private let migrations: Migrations

    /// The parts for a database.
    init(
        _ database: TestDatabase,
        _ kind: MigrationsManifest.Tool,
        _ tool: any RecordedTool,
        in folder: String,
        attempts: Int = 3,
    ) {
        self.database = database
        self.tool = tool
        self.kind = kind
        self.folder = folder
        let layout = database.cluster.home.layout
        let ground = PostgresMigrationRehearsal(layout: layout, tools: [kind: tool])
        migrations = Migrations(
            tools: [kind: tool],
            lock: PostgresDatabaseLock(layout: layout),
            inspector: PostgresSchemaInspector(layout: layout),
            rehearsal: ground,
            ground: ground,
            retries: MigrationRetries(attempts: attempts, pause: .milliseconds(50)),
        )
    }

    /// Where and what.
    var job: MigrationJob { job() }

    /// Where and what, with another limit or other variables.
    func job(timeout: Duration = .seconds(90), variables: [String: Secret]? = nil) -> MigrationJob {
        MigrationJob(
            database: database.target,
            service: folder,
            folder: ".",
            variables: variables ?? ["DATABASE_URL": database.url],
            timeout: timeout,
            serving: serving,
            servingSince: servingSince,
        )
    }

    /// Where the schema is.
    func outlook() async throws -> MigrationOutlook { try await migrations.outlook(job, with: kind) }

    /// What it would mean to apply what is pending.
    func verdicts(variables: [String: Secret]? = nil) async throws -> [MigrationVerdict] {
        try await migrations.verdicts(job(variables: variables), with: kind)
    }

    /// What they do from nothing to the newest.
    func verify(rows: RowSample? = nil) async throws -> VerificationReport {
        try await migrations.verify(job, with: kind, rows: rows)
    }

    /// Applies everything that is pending.
    @discardableResult
    func applyAll() async throws -> MigrationOutcome {
        let pending = try await outlook().pending.map(\.id)
        return try await apply(pending)
    }

    /// Applies exactly these.
    @discardableResult
    func apply(_ planned: [MigrationRevision]) async throws -> MigrationOutcome {
        let lines = lines
        return try await migrations.apply(planned, of: job, with: kind) { lines.add($0) }
    }

    /// Takes back what comes after these.
    func revert(to targets: [String]) async throws {
        let wanted = targets.map { MigrationRevision($0) }
        let back = try await migrations.wayBack(to: wanted, of: job, with: kind)
        let lines = lines
        try await migrations.revert(back.map(\.id), of: job, with: kind) { lines.add($0) }
    }

    /// Takes exactly these back.
    func revert(only revisions: [String]) async throws {
        try await migrations.revert(revisions.map { MigrationRevision($0) }, of: job, with: kind)
    }

    /// What keeps pending ones from being taken back later.
    func obstacle(_ revisions: [String]) async throws -> String? {
        try await migrations.obstacle(
            toReverting: revisions.map { MigrationRevision($0) },
            of: job,
            with: kind,
        )
    }

    /// Writes or replaces a file.
    func write(_ name: String, _ text: String) throws {
        try DurableFile.write(text, to: "\(folder)/\(name)")
    }
}
