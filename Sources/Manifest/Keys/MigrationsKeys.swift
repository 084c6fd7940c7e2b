// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of `migrations:`.
enum MigrationsKeys {
    /// The key `tool:`.
    static let tool = ManifestKey<MigrationsManifest.Tool>(
        "tool",
        .choice(later: ["django", "flyway", "knex"]),
        "What applies them: Alembic, or OpsHub itself for numbered files NNNN_name.sql and for Prisma's folders with migration.sql.",
        whenMissing: "add 'tool: alembic', 'tool: sql' or 'tool: prisma'",
    )
    /// The key `service:`.
    static let service = ManifestKey<ServiceName>(
        "service",
        .name(),
        "The service whose folder, variables and build they use. The only one, when there is only one.",
    )
    /// The key `accessory:`.
    static let accessory = ManifestKey<AccessoryName>(
        "accessory",
        .name(),
        "The accessory that they change. The only one, when there is only one.",
    )
    /// The key `path:`.
    static let path = ManifestKey(
        "path",
        .folder,
        "Folder below the service's. `.` for Alembic, where alembic.ini is; `migrations` for SQL; `prisma/migrations` for Prisma.",
    )
    /// The key `when:`.
    static let when = StandardKey<MigrationsManifest.Moment>(
        "when",
        .choice(),
        "After the new release is healthy, or before it starts when its health needs the new schema.",
        standard: .afterHealth,
    )
    /// The key `timeout:`.
    static let timeout = StandardKey(
        "timeout",
        .duration,
        "How long all of them together may take.",
        standard: .seconds(300),
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { tool: alembic, service: backend }",
        keys: [
            tool.description, service.description, accessory.description, path.description, when.description,
            timeout.description,
        ],
        synonyms: [
            "type": "tool", "database": "accessory", "folder": "path", "dir": "path", "directory": "path",
        ],
    )

    /// Migrations, with empty names where the file leaves them to be found.
    static let shape = ValueShape<MigrationsManifest>
        .mapping(table) { fields in
            let tool = fields.value(tool) ?? .sql
            return MigrationsManifest(
                tool: tool,
                service: fields.value(service) ?? ServiceName(""),
                accessory: fields.value(accessory) ?? AccessoryName(""),
                folder: fields.value(path) ?? tool.usualFolder,
                moment: fields.value(when),
                timeout: fields.value(timeout),
            )
        }
}
