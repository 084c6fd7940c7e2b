// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// What it takes to make an earlier release serve again, and why.
public struct RollbackAnswer: Sendable, Hashable, Codable {
    /// What must happen besides moving traffic.
    public enum Way: String, Sendable, Hashable, Codable, CaseIterable {
        /// Nothing: its instances still run.
        case instant
        /// Its instances are started again and pass their gates.
        case restart
        /// It was never built to its end, so its commit is deployed anew.
        case rebuild
        /// The schema goes back first, by the migrations' own way down.
        case downMigration = "down-migration"
        /// The database comes back from a backup first, and with it loses what was written since.
        case restore
    }

    /// What must happen.
    public var way: Way
    /// The release that would serve again.
    public var release: ReleaseID
    /// The release that serves now.
    public var serving: ReleaseID
    /// Until when it is instant.
    public var until: Date?
    /// Migrations that have been applied since the release served, oldest first.
    public var migrations: [PendingMigration]
    /// The backup that a restore would take; nil when there is none.
    public var backup: String?
    /// From when on writes would be lost.
    public var losesSince: Date?
    /// Why it is so, sentence by sentence.
    public var reasons: [String]

    /// Whether a rollback may go ahead without anybody deciding about data.
    public var leavesDataAlone: Bool { way != .downMigration && way != .restore }

    /// Describes an answer.
    public init(
        way: Way,
        release: ReleaseID,
        serving: ReleaseID,
        until: Date? = nil,
        migrations: [PendingMigration] = [],
        backup: String? = nil,
        losesSince: Date? = nil,
        reasons: [String],
    ) {
        self.way = way
        self.release = release
        self.serving = serving
        self.until = until
        self.migrations = migrations
        self.backup = backup
        self.losesSince = losesSince
        self.reasons = reasons
    }
}
