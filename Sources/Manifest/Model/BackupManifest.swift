// SPDX-License-Identifier: Apache-2.0
public import Core

/// `backup:` of an environment.
public struct BackupManifest: Hashable, Sendable, Codable {
    /// Which deployments take a backup first.
    public enum Before: String, Hashable, Sendable, Codable, CaseIterable {
        /// Those that migrate. The default.
        case migrations
        /// All of them.
        case always
    }

    /// Which deployments take a backup first.
    public var before: Before
    /// Five cron fields; `0 2 * * *` by default.
    public var schedule: String
    /// Whose clocks the schedule goes by: `Europe/Berlin`; UTC when nil.
    public var timezone: String?
    /// How long backups are kept; 30 days by default.
    public var keepDays: Int
    /// How many verified ones are kept whatever their age; 10 by default.
    public var keepLast: Int
    /// Of how many days the newest verified one is kept; none when nil.
    public var keepDaily: Int?
    /// Of how many weeks, which begin on Monday; none when nil.
    public var keepWeekly: Int?
    /// Of how many months; none when nil.
    public var keepMonthly: Int?
    /// How long a restore keeps the database that it replaced; see ``keepsOld``.
    public var keepOld: Duration?
    /// How far back any moment can be gone to; see ``keepsWindow``.
    public var window: Duration?
    /// The store that copies go to; none when nil.
    public var offsite: StoreName?

    /// Describes a backup policy.
    public init(
        before: Before = .migrations,
        schedule: String = "0 2 * * *",
        timezone: String? = nil,
        keepDays: Int = 30,
        keepLast: Int = 10,
        keepDaily: Int? = nil,
        keepWeekly: Int? = nil,
        keepMonthly: Int? = nil,
        keepOld: Duration? = nil,
        window: Duration? = nil,
        offsite: StoreName? = nil,
    ) {
        self.before = before
        self.schedule = schedule
        self.timezone = timezone
        self.keepDays = keepDays
        self.keepLast = keepLast
        self.keepDaily = keepDaily
        self.keepWeekly = keepWeekly
        self.keepMonthly = keepMonthly
        self.keepOld = keepOld
        self.window = window
        self.offsite = offsite
    }

    /// How long a restore keeps the database that it replaced: 7 days when it is not said.
    public var keepsOld: Duration { keepOld ?? .seconds(7 * 86_400) }

    /// How far back any moment can be gone to where a write-ahead log is kept: 7 days when it is not said.
    public var keepsWindow: Duration { window ?? .seconds(7 * 86_400) }
}
