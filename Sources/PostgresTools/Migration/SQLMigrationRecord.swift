// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// One row of `opshub_migrations`: what the database knows of a file.
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

    /// The table, made by the first migration that is applied.
    static let creation = """
        CREATE TABLE IF NOT EXISTS public.opshub_migrations (
            revision text PRIMARY KEY,
            name text NOT NULL,
            checksum text NOT NULL,
            statements integer NOT NULL,
            started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            finished_at timestamptz
        )
        """

    /// Every row, by number; none when there is no table yet.
    static func all(_ session: PostgresSession) async throws -> [MigrationRevision: SQLMigrationRecord] {
        let table = try await session.query("SELECT to_regclass('public.opshub_migrations') IS NOT NULL")
        guard table.first?.isTrue(0) == true else { return [:] }
        let rows = try await session.query(
            "SELECT revision, name, checksum, statements, finished_at IS NOT NULL FROM public.opshub_migrations"
        )
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
