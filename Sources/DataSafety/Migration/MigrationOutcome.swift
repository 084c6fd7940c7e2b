// SPDX-License-Identifier: Apache-2.0

/// What applying migrations did.
public struct MigrationOutcome: Hashable, Sendable, Codable {
    /// Where the schema was.
    public var before: [MigrationRevision]
    /// Where it is.
    public var after: [MigrationRevision]
    /// What was applied, in order.
    public var applied: [PendingMigration]
    /// How often it was tried; more than 1 when a lock could not be had at first.
    public var attempts: Int
    /// How long it took, all attempts together.
    public var took: Duration

    /// Describes what was done.
    public init(
        before: [MigrationRevision],
        after: [MigrationRevision],
        applied: [PendingMigration],
        attempts: Int,
        took: Duration,
    ) {
        self.before = before
        self.after = after
        self.applied = applied
        self.attempts = attempts
        self.took = took
    }
}
