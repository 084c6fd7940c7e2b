// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import Synchronization

/// The catalogue of backups, for as long as the process lives; can be told to fail.
public final class InMemoryBackupStore: BackupStore {
    private struct Content {
        var backups: [BackupID: Backup] = [:]
        var last = 0
        var history: [Backup] = []
        var refusals: [@Sendable (Backup) -> Bool] = []
    }

    private let content = Mutex(Content())

    /// An empty catalogue.
    public init() {}

    /// Every backup that was ever saved, in order.
    public var history: [Backup] { content.withLock { $0.history } }

    /// Makes every later save fail that `condition` names.
    public func refuse(_ condition: @Sendable @escaping (Backup) -> Bool) {
        content.withLock { $0.refusals.append(condition) }
    }

    /// The next id.
    public func nextBackupID() async throws -> BackupID {
        content.withLock { content in
            content.last += 1
            return BackupID("b\(content.last)")
        }
    }

    /// Saves or replaces, unless it shall fail.
    public func save(_ backup: Backup) async throws {
        try content.withLock { content in
            if content.refusals.contains(where: { $0(backup) }) {
                throw Failure(.unexpected, "the catalogue can't be written")
            }
            content.backups[backup.id] = backup
            content.history.append(backup)
            content.last = max(content.last, Int(backup.id.rawValue.dropFirst()) ?? 0)
        }
    }

    /// The backup with this id.
    public func backup(_ id: BackupID) async throws -> Backup? {
        content.withLock { $0.backups[id] }
    }

    /// Newest first.
    public func backups(of environment: EnvironmentKey) async throws -> [Backup] {
        content.withLock { content in
            content.backups.values.filter { $0.database.environment == environment }
                .sorted {
                    ($0.startedAt, $0.id.rawValue.count, $0.id) > ($1.startedAt, $1.id.rawValue.count, $1.id)
                }
        }
    }

    /// Forgets a backup.
    public func remove(_ id: BackupID) async throws {
        content.withLock { $0.backups[id] = nil }
    }
}
