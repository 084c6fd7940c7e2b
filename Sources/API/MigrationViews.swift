// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// Where an environment's schema is.
public struct MigrationStatusView: Codable, Sendable, Hashable {
    /// One migration.
    public struct Migration: Codable, Sendable, Hashable {
        /// Its name.
        public var revision: String
        /// What people call it.
        public var title: String

        /// Describes a migration.
        public init(revision: String, title: String) {
            self.revision = revision
            self.title = title
        }
    }

    /// The release whose migrations these are.
    public var release: String
    /// What the database is at; several when branches are open, none when nothing was ever applied.
    public var current: [String]
    /// What the release has and the database has not, in order.
    public var pending: [Migration]
    /// What was applied that the release does not have.
    public var unknown: [String]

    /// Describes where a schema is.
    public init(release: String, current: [String], pending: [Migration], unknown: [String]) {
        self.release = release
        self.current = current
        self.pending = pending
        self.unknown = unknown
    }
}

/// A migration that a deployment has applied, or restores that have taken some away.
public struct MigrationHistoryView: Codable, Sendable, Hashable {
    /// The migration; absent for a restore.
    public var revision: String?
    /// What people call it, or what was restored.
    public var title: String
    /// The deployment that did it.
    public var deployment: String
    /// The release that it brought.
    public var release: String
    /// When that deployment began.
    public var at: Date
    /// How that deployment ended; absent while it is under way.
    public var outcome: String?
    /// The backup that was made before.
    public var backup: String?
    /// Whether it was taken back; absent when not.
    public var isBack: Bool?

    /// Describes a line of the history.
    public init(
        revision: String?,
        title: String,
        deployment: String,
        release: String,
        at: Date,
        outcome: String?,
        backup: String?,
        isBack: Bool? = nil,
    ) {
        self.isBack = isBack
        self.revision = revision
        self.title = title
        self.deployment = deployment
        self.release = release
        self.at = at
        self.outcome = outcome
        self.backup = backup
    }
}

/// What a release's migrations did on a server of their own, from nothing to the newest.
public struct VerificationView: Codable, Sendable, Hashable {
    /// What one of them did.
    public struct Entry: Codable, Sendable, Hashable {
        /// Its name.
        public var revision: String
        /// What people call it.
        public var title: String
        /// `clean`, `note` or `mistake`.
        public var state: String
        /// What is to be said of it.
        public var findings: [String]

        /// Describes what one did.
        public init(revision: String, title: String, state: String, findings: [String]) {
            self.revision = revision
            self.title = title
            self.state = state
            self.findings = findings
        }
    }

    /// Whose they are.
    public var release: String
    /// Whether nothing has to be mended.
    public var isGood: Bool
    /// Every migration, in the order in which they were applied.
    public var entries: [Entry]
    /// Those that nothing follows.
    public var heads: [String]
    /// What the models have otherwise than the schema; absent when nobody could say.
    public var drift: [String]?
    /// What has to be mended and belongs to no single one of them, one sentence each; several heads and drift are in it too.
    public var general: [String]?
    /// Which rows went along, in words; absent when none did.
    public var rows: [String]?
    /// How long it took, in seconds.
    public var took: Double

    /// Describes what was found.
    public init(
        release: String,
        isGood: Bool,
        entries: [Entry],
        heads: [String],
        drift: [String]?,
        general: [String]? = nil,
        rows: [String]? = nil,
        took: Double,
    ) {
        self.rows = rows
        self.general = general
        self.release = release
        self.isGood = isGood
        self.entries = entries
        self.heads = heads
        self.drift = drift
        self.took = took
    }
}

/// What would be taken back of a schema.
public struct WayBackView: Codable, Sendable, Hashable {
    /// The migrations, the first to go first; none when the schema is there already.
    public var migrations: [MigrationStatusView.Migration]
    /// What speaks against it, one sentence each.
    public var objections: [String]
    /// Tables and columns that would go with what is in them, one sentence each.
    public var losses: [String]

    /// Describes a way back.
    public init(
        migrations: [MigrationStatusView.Migration],
        objections: [String],
        losses: [String] = [],
    ) {
        self.migrations = migrations
        self.objections = objections
        self.losses = losses
    }
}
