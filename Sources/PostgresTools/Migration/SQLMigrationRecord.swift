// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// One row of a ``MigrationBook``: what the database knows of a file.
struct SQLMigrationRecord: Hashable {
    /// The file's number.
    let revision: MigrationRevision
    /// Its name when it was applied.
    let name: String
    /// SHA-256 of its bytes when it was applied.
    let checksum: String
    /// How many of its statements have ended; fewer than all only without a transaction.
    let statements: Int
    /// Whether all of them have.
    let isFinished: Bool

    /// Every row, by number; none when there is no table yet.
    static func all(
        _ session: PostgresSession,
        in book: MigrationBook,
    ) async throws -> [MigrationRevision: SQLMigrationRecord] {
        let table = try await session.query("SELECT to_regclass($1) IS NOT NULL", [book.table])
        guard table.first?.isTrue(0) == true else { return [:] }
        let rows = try await session.query(book.rows)
        return rows.reduce(into: [:]) { records, row in
            let revision = MigrationRevision(row[0])
            records[revision] = SQLMigrationRecord(
                revision: revision,
                name: row[1],
                checksum: row[2],
                statements: Int(row.integer(3) ?? 0),
                isFinished: row.isTrue(4),
            )
        }
    }
}
