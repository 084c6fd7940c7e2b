// SPDX-License-Identifier: Apache-2.0
public import Manifest

/// A server that is thrown away, on which migrations show what they do to an empty database.
public protocol ProvingGround: Sendable {
    /// Makes one of the version, with the roles and settings that the job's database has, and without anything that is in it;
    /// lends it, and leaves nothing of it behind.
    ///
    /// - Throws: `conflict` when the migrations could reach the real database from there.
    func lend<Result: Sendable>(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
        _ body: @Sendable @escaping (any EmptyDatabase) async throws -> Result,
    ) async throws -> Result
}

/// A database that migrations alone have filled.
public protocol EmptyDatabase: Sendable {
    /// Every migration, each after those that it follows.
    func history() async throws -> [MigrationEntry]

    /// Makes the database anew and applies these, in their order.
    func begin(at revisions: [MigrationRevision]) async throws

    /// Applies one whose parents are applied; throws `migration-failed`.
    func apply(_ revision: MigrationRevision) async throws

    /// Applies everything that is left in one run of the tool, as a deployment does; throws `migration-failed`.
    func applyRest() async throws

    /// Takes one back that nothing applied follows, as it says itself.
    ///
    /// Throws `migration-failed` when it fails, `invalid` when it does not say how.
    func revert(_ entry: MigrationEntry) async throws

    /// The digest of each definition there is, by kind and name, with the server's roles, and without what the tool keeps its own
    /// books in.
    func definitions() async throws -> [String: String]

    /// Puts some rows of a dump into the tables that have the columns that they had, and no row that leads to another which did not come
    /// along.
    ///
    /// - Returns: How many, and which tables got none and why.
    func fill(from sample: RowSample) async throws -> SampledRows

    /// What is in each column of the tables that have rows, as a digest that knows no order.
    func contents() async throws -> [SchemaChanges.Place: String]

    /// Every table, and every column of one.
    func places() async throws -> Set<SchemaChanges.Place>

    /// What the application's models have otherwise than the schema, one sentence each; nil when the tool knows no models.
    func drift() async throws -> [String]?
}
