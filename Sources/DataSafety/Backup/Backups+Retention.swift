// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

extension Backups {
    /// Which backups of an environment a policy keeps, and why; changes nothing.
    ///
    /// - Parameters:
    ///   - environment: Which.
    ///   - policy: Its own.
    ///   - inUse: Those that something relies on, such as a rollback that would restore one.
    /// - Returns: One verdict per backup, newest first.
    /// - Throws: When the catalogue can't be read.
    public func verdicts(
        of environment: EnvironmentKey,
        by policy: BackupRetention,
        inUse: Set<BackupID>,
    ) async throws -> [RetentionVerdict] {
        // The catalogue alone would let backups go for the sake of others that are not there any more.
        let there = Set(try await vault.contents(of: environment).backups.map(\.id))
        let all = try await store.backups(of: environment)
        let missing = all.filter { $0.content != nil && !there.contains($0.id) }
        let lost = Set(missing.map(\.id))
        return policy.verdicts(
            on: all.filter { !lost.contains($0.id) },
            inUse: inUse.union(busy.keys),
            at: time.now,
            isSteady: clock.isSteady,
        ) + missing.map { RetentionVerdict(backup: $0, reasons: [.missing]) }
    }

    /// How late it is at most, as far as that is confirmed: what goes after a time does not go because a clock has leapt.
    ///
    /// - Parameter environment: Whose backups speak for it while the clock was not watched for long enough.
    /// - Returns: Now, or a week after the last backup that was begun 20 hours before the newest.
    /// - Throws: When the catalogue can't be read.
    public func confirmedTime(in environment: EnvironmentKey) async throws -> Date {
        guard !clock.isSteady else { return time.now }
        return BackupRetention.believable(time.now, by: try await store.backups(of: environment))
    }

    /// Removes what the policy does not keep.
    ///
    /// The copy elsewhere first, then the files, so that nothing is forgotten that still takes room; a backup that could not be removed stays in the
    /// catalogue, and the others go nevertheless.
    ///
    /// - Parameters:
    ///   - environment: Which.
    ///   - policy: Its own.
    ///   - inUse: Those that something relies on.
    /// - Returns: One verdict per backup, newest first; those that are not kept are gone.
    /// - Throws: The first failure, after all others have gone.
    public func prune(
        _ environment: EnvironmentKey,
        by policy: BackupRetention,
        inUse: Set<BackupID>,
    ) async throws -> [RetentionVerdict] {
        let verdicts = try await verdicts(of: environment, by: policy, inUse: inUse)
        var first: (any Error)?
        for backup in verdicts.filter({ !$0.isKept }).map(\.backup)
        where busy.take(backup.id, for: "its removal") == nil {
            defer { busy.release(backup.id) }
            do {
                // Nor may one go that was proven since.
                guard try await store.backup(backup.id) == backup else { continue }
                try await shielded {
                    try await discardCopy(of: backup)
                    try await vault.discard(backup)
                    try await store.remove(backup.id)
                }
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
        return verdicts
    }

    /// Removes a backup's copy, where it is this home's to remove.
    ///
    /// A store that lets nobody remove anything keeps its copies for as long as its owner wants, and so does one that is
    /// somewhere else now, or not known any more; one whose bucket is gone has none. What another home has sent stays.
    private func discardCopy(of backup: Backup) async throws {
        guard let state = backup.offsite, !state.isForeign,
            try await offsite.address(of: state.store) == state.address
        else { return }
        do {
            try await offsite.discard(backup, from: state.store)
        } catch let failure as Failure
            where [.unauthorized, .notFound].contains(failure.code) || !state.isCopied
        {
            // Of one that never arrived at most a part is left there, without a manifest; it must not keep room taken here.
            return
        }
    }
}
