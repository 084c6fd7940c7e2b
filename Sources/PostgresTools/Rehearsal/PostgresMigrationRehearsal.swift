// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
public import HostSystem
public import Manifest

/// Rehearses migrations with the project's own tool on a throwaway server that records every statement, and runs what was
/// recorded a second time, watching each statement.
///
/// Text rules would have to know what each version of PostgreSQL does; here the server itself says which locks a
/// statement took, which tables it wrote anew and which it read.
public struct PostgresMigrationRehearsal: MigrationRehearsal {
    let layout: HomeLayout
    let tools: [MigrationsManifest.Tool: any RecordedTool]
    let supervisor: Supervisor
    let patience: Duration
    let packages: String
    /// Accessories that a rehearsal is on for.
    private let busy = Claims<String>()

    /// Puts the parts together.
    ///
    /// There must be one of these per home.
    public init(
        layout: HomeLayout,
        tools: [MigrationsManifest.Tool: any RecordedTool],
        supervisor: Supervisor = Supervisor(),
        patience: Duration = .seconds(60),
        packages: String = PostgresPrograms.packaged,
    ) {
        self.layout = layout
        self.tools = tools
        self.supervisor = supervisor
        self.patience = patience
        self.packages = packages
    }

    /// Applies and watches; see ``DataSafety/MigrationRehearsal``.
    public func rehearse(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> RehearsalReport {
        try await onCluster(job, with: tool) { try await $0.report() }
    }

    /// Asks the real server; see ``DataSafety/MigrationRehearsal``.
    public func tables(of job: MigrationJob) async throws -> [String: TableStatistics] {
        let original = try ClusterAccess(job.database.accessory, of: job.database.environment, in: layout)
        return try await telling("asking \(job.database) for its tables") {
            try await PostgresSession.with(
                original.record.endpoint(job.database.name, as: "rehearsal").unswayed
            ) {
                try await TableStatistics.all($0)
            }
        }
    }

    func onCluster<Result: Sendable>(
        _ job: MigrationJob,
        with name: MigrationsManifest.Tool,
        _ body: @Sendable @escaping (Rehearsal) async throws -> Result,
    ) async throws -> Result {
        guard let tool = tools[name] else {
            throw Failure(.invalidManifest, "there is no migration tool '\(name.rawValue)' here")
        }
        let original = try ClusterAccess(job.database.accessory, of: job.database.environment, in: layout)
        return try await alone(with: original.folder) {
            let cluster = ThrowawayCluster(
                original: original,
                target: job.database,
                templates: layout.clusters,
                lock: PostgresDatabaseLock(layout: layout),
                programs: try await PostgresPrograms.locate(original.record.major, below: packages),
                supervisor: supervisor,
                patience: patience,
                deadline: job.timeout,
            )
            return try await telling("trying the migrations of \(job.database)") {
                try await cluster.lend { lent in
                    try await body(
                        Rehearsal(original: original, cluster: cluster, lent: lent, job: job, tool: tool)
                    )
                }
            }
        }
    }

    /// Removes what is left over; see ``DataSafety/MigrationRehearsal``.
    public func recover(_ accessory: AccessoryName, of environment: EnvironmentKey) async throws {
        let folder = ClusterFolder(accessory, of: environment, in: layout)
        try await alone(with: folder) { try await ThrowawayCluster.remove(of: folder, supervisor) }
    }

    private func alone<Result: Sendable>(
        with folder: ClusterFolder,
        body: () async throws -> Result,
    ) async throws -> Result {
        guard
            try await Patience.wait(patience, until: { busy.take(folder.path, for: "a rehearsal") == nil })
        else {
            throw Failure(
                .conflict,
                "another rehearsal for \(folder.path) is still going on",
                isRetryable: true,
            )
        }
        defer { busy.release(folder.path) }
        return try await body()
    }
}
