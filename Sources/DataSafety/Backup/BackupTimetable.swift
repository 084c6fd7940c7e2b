// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials
public import Manifest

/// When the next backup of a database is due by its schedule: pure.
///
/// A moment that passed while nothing ran is made up for once, whatever number of them passed. One that failed is tried again,
/// at growing intervals, until the next moment comes.
public struct BackupTimetable: Sendable {
    private let schedule: CronSchedule
    private let zone: TimeZone
    /// How much later than the schedule says, so that databases do not all begin at once.
    private let jitter: TimeInterval

    /// The first pause after an attempt that failed, doubled after each.
    private static let pause: TimeInterval = 600
    /// Attempts for one moment.
    private static let attempts = 5

    /// The timetable of a database.
    ///
    /// - Parameters:
    ///   - schedule: Whenever it says.
    ///   - zone: Whose clocks that means.
    ///   - jitter: Seconds after each moment.
    public init(_ schedule: CronSchedule, in zone: TimeZone, jitter: TimeInterval = 0) {
        self.schedule = schedule
        self.zone = zone
        self.jitter = jitter
    }

    /// Whether one is to be made now.
    ///
    /// - Parameters:
    ///   - backups: Every one of this database.
    ///   - began: Since when there is a schedule; moments before count for nothing.
    ///   - now: The time of day.
    /// - Returns: Whether a moment has come that no scheduled backup answers to.
    public func isDue(_ backups: [Backup], since began: Date, at now: Date) -> Bool {
        guard let moment = schedule.latest(upTo: now.addingTimeInterval(-jitter), in: zone), moment >= began
        else {
            return false
        }
        // One from the future was made when the clock was wrong, and answers to nothing.
        let since = backups.filter { $0.reason == .schedule && $0.startedAt >= moment && $0.startedAt <= now }
            .sorted { $0.startedAt < $1.startedAt }
        guard let last = since.last else { return true }
        let failed = since.filter { $0.failure != nil }
        guard failed.count == since.count, failed.count < Self.attempts else { return false }
        let wait = Self.pause * Double(1 << (failed.count - 1))
        return now.timeIntervalSince(last.changedAt) >= wait
    }
}
