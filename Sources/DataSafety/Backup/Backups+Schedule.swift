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
            let isDue = policy.timetable(of: database).isDue(known, since: policy.began, at: time.now)
            let isWanted = wanted.contains(database) && basePauses.isOver(database, at: time.now)
            do {
                if isDue || isWanted {
                    hasTried = true
                    if let id = try await makeScheduled(database) { made.append(id) }
                } else if let id = try await drillLeftover(known) {
                    made.append(id)
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
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

    /// Makes and proves one; nil when it gave way, and is tried again as what failed is.
    private func makeScheduled(_ database: DatabaseTarget) async throws -> BackupID? {
        do {
            let dump = try await givingWay.run(database) { try await create(database, because: .schedule) }
            guard let written = dump else { return nil }
            drillPauses.pause(written.id, from: time.now, for: 600)
            let proven = try await drill(written.id)
            if let failure = proven.failure { throw failure }
            basePauses.end(database)
            return proven.id
        } catch let error where !(error is CancellationError) {
            basePauses.prolong(database, from: time.now, atLeast: 600, atMost: 19_200)
            throw error
        }
    }

    /// Drills the newest backup of a database of which nobody could say yet whether it is good, and which is newer than all that are:
    /// after ten minutes, and when that comes to no verdict after twenty, forty, up to every five hours.
    ///
    /// Whoever asked for another than a scheduled one drills it too: that one is only left where that ended.
    private func drillLeftover(_ backups: [Backup]) async throws -> BackupID? {
        let (now, known) = (time.now, backups.filter(\.isVerified).map(\.startedAt).max() ?? .distantPast)
        let left = backups.filter { backup in
            guard case .written = backup.state, !backup.isDerived, backup.startedAt > known,
                let content = backup.content, drillPauses.isOver(backup.id, at: now),
                !busy.keys.contains(backup.id)
            else { return false }
            return backup.reason == .schedule || now.timeIntervalSince(content.writtenAt) > 600
        }
        guard let newest = left.max(by: { $0.startedAt < $1.startedAt }) else { return nil }
        drillPauses.prolong(newest.id, from: now, atLeast: 600, atMost: 19_200)
        let proven = try await drill(newest.id)
        if let failure = proven.failure { throw failure }
        return proven.id
    }
}
