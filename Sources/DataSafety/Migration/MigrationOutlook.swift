// SPDX-License-Identifier: Apache-2.0

/// Where a schema is, and what a release would do to it.
public struct MigrationOutlook: Hashable, Sendable, Codable {
    /// What the database is at; several when branches are open, none when nothing was ever applied.
    public var current: [MigrationRevision]
    /// What would be applied, in order.
    public var pending: [PendingMigration]
    /// What it would be at afterwards: every head of the release's history.
    public var targets: [MigrationRevision]
    /// What was applied that the release does not have: the database is ahead of it.
    public var unknown: [MigrationRevision]
    /// Of the pending ones: those that have failed half-way before, outside of a transaction.
    public var begun: [MigrationRevision]

    /// Describes an outlook.
    public init(
        current: [MigrationRevision] = [],
        pending: [PendingMigration] = [],
        targets: [MigrationRevision] = [],
        unknown: [MigrationRevision] = [],
        begun: [MigrationRevision] = [],
    ) {
        self.begun = begun
        self.current = current
        self.pending = pending
        self.targets = targets
        self.unknown = unknown
    }
}
