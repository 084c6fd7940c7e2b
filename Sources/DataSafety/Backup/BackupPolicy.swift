// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials
public import Manifest

/// What an environment wants of its backups.
public struct BackupPolicy: Sendable {
    /// Its databases.
    public var databases: [DatabaseTarget]
    /// Those whose servers' logs are kept.
    public var archived: [DatabaseTarget]
    /// When.
    public var schedule: CronSchedule
    /// By whose clocks.
    public var zone: TimeZone
    /// For how long.
    public var retention: BackupRetention
    /// How long restores keep the databases that they replaced.
    public var keepsOld: Duration
    /// The store that copies go to; nil for none.
    public var offsite: StoreName?
    /// Since when there is anything to back up.
    public var began: Date

    /// A policy as `backup:` says it.
    ///
    /// - Parameters:
    ///   - manifest: What it says.
    ///   - databases: Those of the environment.
    ///   - archived: Of those, the ones whose servers' logs are kept.
    ///   - began: Since when there is anything to back up.
    /// - Throws: `invalid` for a schedule that can't be read; a manifest was checked before it was stored.
    public init(
        _ manifest: BackupManifest,
        of databases: [DatabaseTarget],
        archived: [DatabaseTarget] = [],
        since began: Date,
    ) throws(Failure) {
        self.databases = databases
        self.archived = archived
        schedule = try CronSchedule(manifest.schedule)
        zone = manifest.timezone.flatMap { TimeZone(identifier: $0) } ?? .gmt
        retention = BackupRetention(manifest)
        keepsOld = manifest.keepsOld
        offsite = manifest.offsite
        self.began = began
    }

    /// When one of its databases is due: each some seconds later than the schedule says, and always the same, so that not all
    /// begin at once.
    func timetable(of database: DatabaseTarget) -> BackupTimetable {
        // FNV-1a, which is the same after every start.
        let hash = "\(database)".utf8
            .reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01b3
            }
        return BackupTimetable(schedule, in: zone, jitter: TimeInterval(hash % 300))
    }
}
