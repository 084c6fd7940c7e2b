// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// Whether an environment can be rolled back, how, and why.
public struct RollbackAnswerView: Codable, Sendable, Hashable {
    /// `instant`, `restart`, `rebuild`, `down-migration` or `restore`.
    public var way: String
    /// The release that would serve again.
    public var release: String
    /// Its commit.
    public var commit: String
    /// The release that serves now.
    public var serving: String
    /// Until when it is instant.
    public var until: Date?
    /// Migrations that were applied since the release served, oldest first.
    public var migrations: [String]
    /// The backup that a restore would take.
    public var backup: String?
    /// From when on writes would be lost.
    public var losesSince: Date?
    /// Why, sentence by sentence.
    public var reasons: [String]

    /// Describes an answer.
    public init(
        way: String,
        release: String,
        commit: String,
        serving: String,
        until: Date?,
        migrations: [String],
        backup: String?,
        losesSince: Date?,
        reasons: [String],
    ) {
        self.way = way
        self.release = release
        self.commit = commit
        self.serving = serving
        self.until = until
        self.migrations = migrations
        self.backup = backup
        self.losesSince = losesSince
        self.reasons = reasons
    }
}
