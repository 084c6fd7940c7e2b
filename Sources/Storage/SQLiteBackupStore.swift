// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import GRDB

/// The catalogue of backups in the embedded state database.
public struct SQLiteBackupStore: BackupStore {
    private let database: StateDatabase

    /// A catalogue in an open database.
    public init(_ database: StateDatabase) {
        self.database = database
    }

    /// The next name.
    public func nextBackupID() async throws -> BackupID {
        try await database.write { database in
            let last = try Int.fetchOne(
                database,
                sql: """
                    SELECT max(coalesce((SELECT last FROM sequence WHERE name = 'backup'), 0),
                               coalesce((SELECT max(number) FROM backup), 0))
                    """,
            )
            let next = (last ?? 0) + 1
            try database.execute(
                sql:
                    "INSERT INTO sequence VALUES ('backup', ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last",
                arguments: [next],
            )
            return BackupID("b\(next)")
        }
    }

    /// Writes a backup.
    public func save(_ backup: Backup) async throws {
        try await database.write { database in
            // A backup found in a vault has a number that was never asked for here, and no other may get it.
            try database.execute(
                sql: """
                    INSERT INTO sequence VALUES ('backup', ?)
                    ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)
                    """,
                arguments: [StoredValue.number(of: backup.id.rawValue)],
            )
            try database.execute(
                sql: "INSERT OR REPLACE INTO backup VALUES (?, ?, ?, ?)",
                arguments: [
                    backup.id.rawValue, backup.database.environment.description,
                    StoredValue.number(of: backup.id.rawValue), try StoredValue.encode(backup),
                ],
            )
        }
    }

    /// One backup.
    public func backup(_ id: BackupID) async throws -> Backup? {
        try await database.read {
            try $0.one(Backup.self, "SELECT value FROM backup WHERE id = ?", [id.rawValue])
        }
    }

    /// Newest first.
    public func backups(of environment: EnvironmentKey) async throws -> [Backup] {
        try await database.read { database in
            try database.all(
                Backup.self,
                "SELECT value FROM backup WHERE environment = ? ORDER BY number DESC",
                [environment.description],
            )
        }
        .sorted {
            ($0.startedAt, StoredValue.number(of: $0.id.rawValue)) > (
                $1.startedAt, StoredValue.number(of: $1.id.rawValue),
            )
        }
    }

    /// Forgets a backup.
    public func remove(_ id: BackupID) async throws {
        try await database.write {
            try $0.execute(sql: "DELETE FROM backup WHERE id = ?", arguments: [id.rawValue])
        }
    }
}
