// SPDX-License-Identifier: Apache-2.0
public import Core

/// `migrations:`: how the schema changes.
public struct MigrationsManifest: Hashable, Sendable, Codable {
    /// What applies them.
    public enum Tool: String, Hashable, Sendable, Codable, CaseIterable {
        /// Alembic, from the service's own virtual environment (`.venv/bin/alembic`) or `PATH`.
        case alembic
        /// Numbered files `NNNN_name.sql`, applied by OpsHub, one transaction each.
        case sql
        /// Prisma's folders with `migration.sql`, applied by OpsHub, written down where Prisma does.
        case prisma

        /// Whether its migrations are files of SQL, which say what they do without a build.
        public var isPlainSQL: Bool {
            switch self {
            case .alembic: false
            case .sql, .prisma: true
            }
        }

        /// Where they are below the service's folder when nothing else is said.
        public var usualFolder: String {
            switch self {
            case .alembic: "."
            case .sql: "migrations"
            case .prisma: "prisma/migrations"
            }
        }
    }

    /// When they run.
    public enum Moment: String, Hashable, Sendable, Codable, CaseIterable {
        /// After the new release is healthy; its health is gated again afterwards. The default.
        case afterHealth = "after-health"
        /// Before the new release starts, for an application whose health needs the new schema.
        case beforeStart = "before-start"
    }

    /// What applies them.
    public var tool: Tool
    /// The service whose folder, variables and build they use.
    public var service: ServiceName
    /// The accessory that they change; the only PostgreSQL accessory by default.
    public var accessory: AccessoryName
    /// Folder below the service's path: `.` for Alembic (where `alembic.ini` is), `migrations` for SQL.
    public var folder: String
    /// When they run.
    public var moment: Moment
    /// How long all of them together may take; 5 minutes by default.
    public var timeout: Duration

    /// Describes migrations.
    public init(
        tool: Tool,
        service: ServiceName,
        accessory: AccessoryName,
        folder: String,
        moment: Moment = .afterHealth,
        timeout: Duration = .seconds(300),
    ) {
        self.tool = tool
        self.service = service
        self.accessory = accessory
        self.folder = folder
        self.moment = moment
        self.timeout = timeout
    }
}
