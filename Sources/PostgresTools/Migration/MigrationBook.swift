// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials

/// The table of a database that says which SQL files were applied.
///
/// In every statement that writes it, the first parameter is the migration.
enum MigrationBook: Hashable {
    /// OpsHub's own, for numbered files.
    case opshub
    /// Prisma's, as its own `prisma migrate deploy` reads and writes it: either may go on where the other has stopped.
    case prisma

    /// A statement with its parameters.
    typealias Entry = (statement: String, parameters: [String])

    /// Its name in SQL.
    var table: String {
        switch self {
        case .opshub: "public.opshub_migrations"
        case .prisma: "public._prisma_migrations"
        }
    }

    /// Makes the table; the first migration that is applied does.
    var creation: String {
        switch self {
        case .opshub:
            """
            CREATE TABLE IF NOT EXISTS public.opshub_migrations (
                revision text PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                statements integer NOT NULL,
                started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                finished_at timestamptz
            )
            """
        case .prisma:
            """
            CREATE TABLE IF NOT EXISTS public._prisma_migrations (
                id varchar(36) PRIMARY KEY NOT NULL,
                checksum varchar(64) NOT NULL,
                finished_at timestamptz,
                migration_name varchar(255) NOT NULL,
                logs text,
                rolled_back_at timestamptz,
                started_at timestamptz NOT NULL DEFAULT now(),
                applied_steps_count integer NOT NULL DEFAULT 0
            )
            """
        }
    }

    /// Every row: migration, file, checksum, statements, whether it was finished.
    var rows: String {
        switch self {
        case .opshub:
            "SELECT revision, name, checksum, statements, finished_at IS NOT NULL FROM public.opshub_migrations"
        case .prisma:
            """
            SELECT migration_name, migration_name || '/migration.sql', checksum, applied_steps_count,
                finished_at IS NOT NULL
            FROM public._prisma_migrations WHERE rolled_back_at IS NULL ORDER BY finished_at NULLS FIRST
            """
        }
    }

    /// Says that all of a file was applied.
    func applied(_ file: SQLMigrationFile) -> Entry {
        switch self {
        case .opshub:
            (
                """
                INSERT INTO public.opshub_migrations (revision, name, checksum, statements, started_at, finished_at)
                VALUES ($1, $2, $3, $4, now(), clock_timestamp())
                """,
                [file.revision.rawValue, file.name, file.checksum, "\(file.statements.count)"],
            )
        case .prisma:
            (
                """
                INSERT INTO public._prisma_migrations
                    (migration_name, id, checksum, started_at, finished_at, applied_steps_count)
                VALUES ($1, $2, $3, now(), clock_timestamp(), 1)
                """,
                [file.revision.rawValue, UUID().uuidString.lowercased(), file.checksum],
            )
        }
    }

    /// Says that a file without a transaction is begun; nothing when it was before.
    func begun(_ file: SQLMigrationFile) -> Entry {
        switch self {
        case .opshub:
            (
                """
                INSERT INTO public.opshub_migrations (revision, name, checksum, statements) VALUES ($1, $2, $3, 0)
                ON CONFLICT (revision) DO NOTHING
                """,
                [file.revision.rawValue, file.name, file.checksum],
            )
        case .prisma:
            (
                "INSERT INTO public._prisma_migrations (migration_name, id, checksum) VALUES ($1, $2, $3)",
                [file.revision.rawValue, UUID().uuidString.lowercased(), file.checksum],
            )
        }
    }

    /// Says that so many of its statements have ended; all of them: that it was applied.
    func progressed(_ file: SQLMigrationFile, _ count: Int) -> Entry {
        let isWhole = count == file.statements.count
        return switch self {
        case .opshub:
            (
                """
                UPDATE public.opshub_migrations
                SET statements = $2, finished_at = CASE WHEN $3 THEN clock_timestamp() END WHERE revision = $1
                """,
                [file.revision.rawValue, "\(count)", isWhole ? "t" : "f"],
            )
        case .prisma:
            (
                """
                UPDATE public._prisma_migrations
                SET applied_steps_count = $2, finished_at = CASE WHEN $3 THEN clock_timestamp() END
                WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL
                """,
                [file.revision.rawValue, isWhole ? "1" : "0", isWhole ? "t" : "f"],
            )
        }
    }

    /// Forgets a file that was taken back.
    func reverted(_ file: SQLMigrationFile) -> Entry {
        switch self {
        case .opshub:
            ("DELETE FROM public.opshub_migrations WHERE revision = $1", [file.revision.rawValue])
        case .prisma:
            (
                "DELETE FROM public._prisma_migrations WHERE migration_name = $1 AND rolled_back_at IS NULL",
                [file.revision.rawValue],
            )
        }
    }

    /// Whether it says how many statements of a file have ended.
    var knowsProgress: Bool {
        switch self {
        case .opshub: true
        case .prisma: false
        }
    }

    /// Where names without a schema are looked for; nil for what the role has.
    ///
    /// Prisma's own programs use its URL's schema alone.
    var searchPath: String? {
        switch self {
        case .opshub: nil
        case .prisma: "public"
        }
    }

    /// What nobody else must hold meanwhile; Prisma's own programs take the same.
    var advisoryLock: Int? {
        switch self {
        case .opshub: nil
        case .prisma: 72_707_369
        }
    }
}
