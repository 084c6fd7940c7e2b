// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials

extension Backups {
    /// Makes and proves every backup of an environment that is due now, one after another, and then removes those that are kept
    /// no longer.
    ///
    /// One that fails keeps no other database from its turn; it is in the catalogue, and is tried again later.
    ///
    /// - Parameters:
    ///   - environment: Which.
    ///   - policy: What it wants.
    ///   - wanted: What is due whatever the schedule says: servers whose log has no base backup to begin with.
    ///   - inUse: Backups that something may want, such as a rollback; asked only when some may go.
    /// - Returns: What was made and what was removed.
    /// - Throws: The first failure, after everything else was done.
    public func makeScheduled(
        of environment: EnvironmentKey,
        by policy: BackupPolicy,
        wanted: Set<DatabaseTarget> = [],
        inUse: () async throws -> Set<BackupID>,
    ) async throws -> (made: [BackupID], removed: [BackupID]) {
        var made: [BackupID] = []
        var first: (any Error)?
        var hasTried = false
        let all = try await store.backups(of: environment)
        for database in policy.databases + policy.archived.map(DatabaseTarget.cluster) {
            let known = all.filter { $0.database == database }
            do {
                if let proven = try await drillLeftover(known) { made.append(proven) }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                first = first ?? error
            }
            let isDue = policy.timetable(of: database).isDue(known, since: policy.began, at: time.now)
            guard isDue || (wanted.contains(database) && basePauses.isOver(database, at: time.now)) else {
                continue
            }
            hasTried = true
            do {
                let dump = try await givingWay.run(database) {
                    try await create(database, because: .schedule)
                }
                // What gave way is tried again as what failed is.
                guard let written = dump else { continue }
                drillPauses.pause(written.id, from: time.now, for: 600)
                let proven = try await drill(written.id)
                if let failure = proven.failure { throw failure }
                made.append(proven.id)
                basePauses.end(database)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                basePauses.prolong(database, from: time.now, atLeast: 600, atMost: 19_200)
                first = first ?? error
            }
        }
        var removed: [BackupID] = []
        // Also when nothing could be made: a full disk may be the reason.
        if hasTried || !made.isEmpty {
            removed = try await prune(environment, by: policy.retention, inUse: try await inUse())
                .filter { !$0.isKept }.map(\.backup.id)
        }
        if let first { throw first }
        return (made, removed)
    }

    /// Drills the newest backup of a database of which nobody could say yet whether it is good, every ten minutes.
    ///
    /// Whoever asked for another than a scheduled one drills it too: that one is only left where that ended.
    private func drillLeftover(_ backups: [Backup]) async throws -> BackupID? {
        let now = time.now
        let left = backups.filter { backup in
            guard case .written = backup.state, !backup.isDerived, let content = backup.content else {
                return false
            }
            return backup.reason == .schedule || now.timeIntervalSince(content.writtenAt) > 600
        }
        guard let newest = left.max(by: { $0.startedAt < $1.startedAt }),
            busy.keys.contains(newest.id) == false,
            drillPauses.isOver(newest.id, at: now)
        else { return nil }
        drillPauses.pause(newest.id, from: now, for: 600)
        let proven = try await drill(newest.id)
        if let failure = proven.failure { throw failure }
        return proven.id
    }
}
