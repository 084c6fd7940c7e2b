// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials
public import Manifest

/// Which backups are kept: those of the last days, and whatever their age the last verified ones, also of days, weeks and months.
///
/// Only decides. Invariant 11: the last verified backup of a database is never given up, nor the last that is off-site,
/// nor one in use, nor the newest written one of a database that has no verified one.
public struct BackupRetention: Hashable, Sendable {
    /// Everything younger is kept.
    public var keepDays: Int
    /// So many verified ones are kept.
    ///
    /// Others neither count nor profit.
    public var keepLast: Int
    /// Of so many of each period the newest verified one is kept.
    public var periods: [BackupPeriod: Int]
    /// How far back any moment can be gone to; for copies of whole servers that alone counts.
    public var window: Duration
    /// Whose days, weeks and months they are.
    public var zone: TimeZone

    /// Describes a policy.
    ///
    /// Negative numbers count as 0.
    public init(
        keepDays: Int,
        keepLast: Int,
        periods: [BackupPeriod: Int] = [:],
        window: Duration = .seconds(7 * 86_400),
        zone: TimeZone = .gmt,
    ) {
        self.keepDays = max(0, keepDays)
        self.keepLast = max(0, keepLast)
        self.periods = periods
        self.window = window
        self.zone = zone
    }

    /// The policy of an environment.
    public init(_ manifest: BackupManifest) {
        let periods: [BackupPeriod: Int?] = [
            .day: manifest.keepDaily, .week: manifest.keepWeekly, .month: manifest.keepMonthly,
        ]
        self.init(
            keepDays: manifest.keepDays,
            keepLast: manifest.keepLast,
            periods: periods.compactMapValues(\.self),
            window: manifest.keepsWindow,
            zone: manifest.timezone.flatMap { TimeZone(identifier: $0) } ?? .gmt,
        )
    }

    /// Decides on every one of `backups`, of whatever databases.
    ///
    /// - Parameters:
    ///   - backups: Everything that the catalogue has.
    ///   - inUse: Those that something relies on now: a deployment that may restore one, a drill.
    ///   - now: The time of day. A backup from the future is young, and takes no other one's place: the clock was wrong when it was made.
    ///   - isSteady: Whether that is known to be right.
    /// - Returns: One verdict per backup, newest first.
    public func verdicts(
        on backups: [Backup],
        inUse: Set<BackupID> = [],
        at now: Date,
        isSteady: Bool = false,
    ) -> [RetentionVerdict] {
        Dictionary(grouping: backups, by: \.database).values
            .flatMap { backups in
                let sorted = backups.sorted(by: isNewer)
                let confirmed = isSteady ? now : Self.believable(now, by: backups)
                return backups.first?.database.kind == .cluster
                    ? verdicts(onOneCluster: sorted, inUse, now, confirmed)
                    : verdicts(onOneDatabase: sorted, inUse, now, confirmed)
            }
            .sorted { isNewer($0.backup, $1.backup) }
    }

    /// How late it is at most, by which backups were begun: a clock that has leapt is not believed on the word of what was begun since.
    ///
    /// The last one before the newest day tells, good or not, and a week may have gone by since then. So whatever is too old only by a clock that is
    /// wrong for less than a day is still there when it is right again.
    static func believable(_ now: Date, by backups: [Backup]) -> Date {
        let moments = backups.map(\.startedAt).filter { $0 <= now }
        guard let newest = moments.max(),
            let before = moments.filter({ newest.timeIntervalSince($0) > ClockWatch.term.inSeconds }).max()
        else { return now }
        return min(now, before.addingTimeInterval(7 * 86_400))
    }

    private func verdicts(
        onOneDatabase backups: [Backup],
        _ inUse: Set<BackupID>,
        _ now: Date,
        _ confirmed: Date,
    ) -> [RetentionVerdict] {
        let verified = backups.filter { $0.isVerified && !$0.isDerived }
        let lastHope = verified.isEmpty ? backups.first { $0.content != nil } : nil
        let lastOffsite = backups.first { $0.content != nil && $0.offsite?.isCopied == true }
        let past = verified.filter { $0.startedAt <= now }
        let last = Set([verified.first, past.first].compactMap { $0?.id })
        let lastVerified = Set((verified.prefix(keepLast) + past.prefix(keepLast)).map(\.id))
        let newestOf = newestOfPeriods(past)
        return backups.map { backup in
            var reasons: [RetentionVerdict.Reason] = []
            if case .started = backup.state { reasons.append(.unfinished) }
            if inUse.contains(backup.id) { reasons.append(.inUse) }
            if last.contains(backup.id) { reasons.append(.lastVerified) }
            if backup.id == lastOffsite?.id { reasons.append(.lastOffsite) }
            if lastVerified.contains(backup.id) { reasons.append(.amongLastVerified(keepLast)) }
            reasons += (newestOf[backup.id] ?? []).map { .newestOf($0) }
            if backup.id == lastHope?.id { reasons.append(.nothingVerified) }
            let term = Double(keepDays) * 86_400
            if now.timeIntervalSince(backup.startedAt) < term {
                reasons.append(.youngerThan(days: keepDays))
            } else if backup.isVerified, confirmed.timeIntervalSince(backup.startedAt) < term {
                reasons.append(.youngerThanBelieved(days: keepDays))
            }
            return RetentionVerdict(backup: backup, reasons: reasons)
        }
    }

    /// Base backups: those of the window, and the one that its first moment is gone back to with.
    private func verdicts(
        onOneCluster backups: [Backup],
        _ inUse: Set<BackupID>,
        _ now: Date,
        _ confirmed: Date,
    ) -> [RetentionVerdict] {
        let begin = confirmed.addingTimeInterval(-window.inSeconds)
        let first = backups.first { $0.isVerified && ($0.content?.writtenAt ?? now) <= begin }
        let lastVerified = backups.first(where: \.isVerified)
        let lastHope = lastVerified == nil ? backups.first { $0.content != nil } : nil
        return backups.map { backup in
            var reasons: [RetentionVerdict.Reason] = []
            if case .started = backup.state { reasons.append(.unfinished) }
            if inUse.contains(backup.id) { reasons.append(.inUse) }
            if backup.id == lastVerified?.id { reasons.append(.lastVerified) }
            if backup.id == lastHope?.id { reasons.append(.nothingVerified) }
            if backup.id == first?.id { reasons.append(.beginsWindow(window)) }
            let isUse = backup.failure == nil || backup.id == backups.first?.id
            if isUse, backup.startedAt > begin { reasons.append(.withinWindow(window)) }
            return RetentionVerdict(backup: backup, reasons: reasons)
        }
    }

    /// The newest backup of each of the last periods that have any, and of which.
    private func newestOfPeriods(_ verified: [Backup]) -> [BackupID: [BackupPeriod]] {
        var found: [BackupID: [BackupPeriod]] = [:]
        for (period, count) in periods.sorted(by: { $0.key < $1.key }) {
            var seen: Set<Date> = []
            for backup in verified where seen.count < count {
                guard seen.insert(period.begin(of: backup.startedAt, in: zone)).inserted else { continue }
                found[backup.id, default: []].append(period)
            }
        }
        return found
    }

    private func isNewer(_ left: Backup, _ right: Backup) -> Bool {
        (left.startedAt, left.id.number, left.id) > (right.startedAt, right.id.number, right.id)
    }
}

extension BackupID {
    /// The number in it; 0 when it has none.
    var number: Int { Int(rawValue.drop { !$0.isNumber }) ?? 0 }
}
