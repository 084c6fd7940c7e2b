// SPDX-License-Identifier: Apache-2.0

/// A program or format that changes schemas: Alembic, numbered SQL files.
public protocol MigrationTool: Sendable {
    /// Where the schema is and what a release has that it has not.
    ///
    /// Changes nothing.
    ///
    /// Throws `migration-failed` when the release's migrations can't be read: a gap, a changed file, an
    /// import error.
    func status(of job: MigrationJob) async throws -> MigrationOutlook

    /// Brings the schema forward to these revisions, in order.
    ///
    /// One that it has already is no error. Each revision is applied as a whole or not at all, unless it says
    /// itself that it can't be. On cancellation nothing still runs.
    ///
    /// - Parameters:
    ///   - targets: Named revisions, never relative ones.
    ///   - job: Where.
    ///   - onLine: Gets what the tool says, line by line.
    /// - Throws: `migration-failed` that names the revision, the statement when it is known, and the database's
    ///   own words; retryable only when a lock could not be had in time.
    func apply(
        _ targets: [MigrationRevision],
        of job: MigrationJob,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws

    /// Every migration that the release has, each after those that it follows.
    ///
    /// Throws as ``status(of:)`` does.
    func history(of job: MigrationJob) async throws -> [MigrationEntry]

    /// Takes one back that nothing applied follows, as it says itself how.
    ///
    /// Throws `migration-failed` when that fails, `invalid` when it does not say how, or would take others with it.
    func revert(_ entry: MigrationEntry, of job: MigrationJob) async throws

    /// What the application's models have otherwise than the schema, one sentence each; nil when there are no models.
    func drift(of job: MigrationJob) async throws -> [String]?
}
