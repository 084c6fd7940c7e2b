// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety

/// Which queries a release asks of a PostgreSQL accessory, told by the counts of its server's pg_stat_statements.
///
/// Nothing that is counted there is reset: it may be somebody's.
public struct PostgresQueryRecorder: QueryRecorder {
    private let layout: HomeLayout

    /// Puts the parts together.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Begins a record; see ``DataSafety/QueryRecorder``.
    public func begin(
        _ release: String,
        since mark: String,
        of database: DatabaseTarget,
    ) async throws -> String? {
        let access = try ClusterAccess(database.accessory, of: database.environment, in: layout)
        return try await telling("counting the queries of \(database)") {
            try await Self.asked(access) { session in
                if let absence = try await QueryCounts.absence(session) { return absence }
                let counts = try await QueryCounts(session, of: database.name, texts: false)
                let known = try QueryBaseline(access.folder)
                guard known?.isOf(release, since: mark, in: counts) != true else { return nil }
                try QueryBaseline(counts, of: release, since: mark).write(to: access.folder)
                return nil
            }
        }
    }

    /// What a release has asked since it alone serves; why that is not known otherwise.
    static func record(
        of job: MigrationJob,
        _ access: ClusterAccess,
    ) async throws -> Result<QueryRecord, QueryAbsence> {
        guard let release = job.serving else { return .failure(QueryAbsence(reason: "nothing serves")) }
        do {
            return try await asked(access) { session in
                if let absence = try await QueryCounts.absence(session) {
                    return .failure(QueryAbsence(reason: absence))
                }
                let counts = try await QueryCounts(session, of: job.database.name, texts: true)
                guard let baseline = try QueryBaseline(access.folder),
                    baseline.isOf(release, since: job.servingSince ?? "", in: counts)
                else {
                    return .failure(
                        QueryAbsence(reason: "\(release) has not served alone yet, or only for a moment")
                    )
                }
                return .success(baseline.record(counts))
            }
        } catch let error as PostgresError {
            // Without it a rehearsal still shows everything else.
            return .failure(QueryAbsence(reason: error.message))
        }
    }

    private static func asked<Result: Sendable>(
        _ access: ClusterAccess,
        _ body: (PostgresSession) async throws -> Result,
    ) async throws -> Result {
        // Nothing that somebody has put into a schema is called in place of what is meant.
        let endpoint = access.record.endpoint("postgres", as: "queries").unswayed
            .with(settings: ["lock_timeout": "2000", "statement_timeout": "30000"])
        return try await PostgresSession.with(endpoint, body: body)
    }
}

/// Why nobody knows which queries are asked.
struct QueryAbsence: Error, Hashable {
    let reason: String
}
