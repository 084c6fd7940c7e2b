// SPDX-License-Identifier: Apache-2.0
public import Core

extension Backups {
    /// Makes and proves every backup of an environment that is due now, one after another, and then removes those that are kept
    /// no longer.
    ///
    /// One that fails keeps no other database from its turn; it is in the catalogue, and is tried again later.
    ///
    /// - Parameters:
    ///   - environment: Which.
    ///   - policy: What it wants.
    /// - Returns: What was made and what was removed.
    /// - Throws: The first failure, after everything else was done.
    public func makeScheduled(
        of environment: EnvironmentKey,
        by policy: BackupPolicy,
    ) async throws -> (made: [BackupID], removed: [BackupID]) {
        var made: [BackupID] = []
        var first: (any Error)?
        for database in policy.databases {
            let known = try await store.backups(of: environment).filter { $0.database == database }
            guard policy.timetable(of: database).isDue(known, since: policy.began, at: time.now) else {
                continue
            }
            do {
                let proven = try await drill(try await create(database, because: .schedule).id)
                if let failure = proven.failure { throw failure }
                made.append(proven.id)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                first = first ?? error
            }
        }
        var removed: [BackupID] = []
        if !made.isEmpty {
            removed = try await prune(environment, by: policy.retention, inUse: policy.inUse)
                .filter { !$0.isKept }.map(\.backup.id)
        }
        if let first { throw first }
        return (made, removed)
    }
}
