// SPDX-License-Identifier: Apache-2.0

/// How long the parts of a backup may take.
public struct BackupLimits: Hashable, Sendable {
    /// Waiting for a migration or another backup of the same database to end; 10 minutes by default.
    public var waiting: Duration
    /// Making the dump; 2 hours by default.
    public var dump: Duration
    /// Copying all files of a server; 4 hours by default.
    public var cluster: Duration
    /// The whole restore drill; 4 hours by default.
    public var drill: Duration
    /// Sending a copy elsewhere and reading it back; 12 hours by default.
    public var offsite: Duration

    /// Describes limits.
    public init(
        waiting: Duration = .seconds(600),
        dump: Duration = .seconds(7_200),
        cluster: Duration = .seconds(14_400),
        drill: Duration = .seconds(14_400),
        offsite: Duration = .seconds(43_200),
    ) {
        self.waiting = waiting
        self.dump = dump
        self.cluster = cluster
        self.drill = drill
        self.offsite = offsite
    }
}
