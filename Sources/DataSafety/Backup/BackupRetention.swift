// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials
public import Manifest

/// Which backups are kept: those of the last days, and the last verified ones whatever their age.
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

    /// Describes a policy.
    ///
    /// Negative numbers count as 0.
    public init(keepDays: Int, keepLast: Int) {
        self.keepDays = max(0, keepDays)
        self.keepLast = max(0, keepLast)
    }

    /// The policy of an environment.
    public init(_ manifest: BackupManifest) {
        self.init(keepDays: manifest.keepDays, keepLast: manifest.keepLast)
    }

    /// Decides on every one of `backups`, of whatever databases.
    ///
    /// - Parameters:
    ///   - backups: Everything that the catalogue has.
    ///   - inUse: Those that something relies on now: a deployment that may restore one, a drill.
    ///   - now: The time of day. A backup from the future is young.
    /// - Returns: One verdict per backup, newest first.
    public func verdicts(on backups: [Backup], inUse: Set<BackupID> = [], at now: Date) -> [RetentionVerdict]
    {
        Dictionary(grouping: backups, by: \.database).values
            .flatMap { verdicts(onOneDatabase: $0.sorted(by: isNewer), inUse, now) }
            .sorted { isNewer($0.backup, $1.backup) }
    }

    private func verdicts(
        onOneDatabase backups: [Backup],
        _ inUse: Set<BackupID>,
        _ now: Date,
    ) -> [RetentionVerdict] {
        let verified = backups.filter(\.isVerified)
        let lastHope = verified.isEmpty ? backups.first { $0.content != nil } : nil
        let lastOffsite = verified.first { $0.offsite?.isCopied == true }
        let lastVerified = Set(verified.prefix(keepLast).map(\.id))
        return backups.map { backup in
            var reasons: [RetentionVerdict.Reason] = []
            if case .started = backup.state { reasons.append(.unfinished) }
            if inUse.contains(backup.id) { reasons.append(.inUse) }
            if backup.id == verified.first?.id { reasons.append(.lastVerified) }
            if backup.id == lastOffsite?.id { reasons.append(.lastOffsite) }
            if lastVerified.contains(backup.id) { reasons.append(.amongLastVerified(keepLast)) }
            if backup.id == lastHope?.id { reasons.append(.nothingVerified) }
            if now.timeIntervalSince(backup.startedAt) < Double(keepDays) * 86_400 {
                reasons.append(.youngerThan(days: keepDays))
            }
            return RetentionVerdict(backup: backup, reasons: reasons)
        }
    }

    private func isNewer(_ left: Backup, _ right: Backup) -> Bool {
        (left.startedAt, left.id.number, left.id) > (right.startedAt, right.id.number, right.id)
    }
}

extension BackupID {
    /// The number in it; 0 when it has none.
    var number: Int { Int(rawValue.drop { !$0.isNumber }) ?? 0 }
}
