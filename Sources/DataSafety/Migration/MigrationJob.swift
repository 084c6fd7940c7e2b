// SPDX-License-Identifier: Apache-2.0
public import Core

/// Where migrations are found and run.
public struct MigrationJob: Hashable, Sendable {
    /// The database that they change.
    public var database: DatabaseTarget
    /// The folder of the service in the built release, or in what is looked at before it is built, absolute.
    public var service: String
    /// The service's folder below that of the release: `.` for that itself.
    public var servicePath: String
    /// The migrations' folder below it; `.` for the service's folder itself.
    public var folder: String
    /// The service's variables, `DATABASE_URL` among them.
    public var variables: [String: Secret]
    /// How long all of it may take.
    public var timeout: Duration
    /// Whether the database is a copy that nobody else knows of.
    public var isRehearsal = false

    /// The release that serves meanwhile; nil when none does.
    public var serving: String?
    /// What has last run anything else than that release there.
    public var servingSince: String?

    /// Describes a job.
    public init(
        database: DatabaseTarget,
        service: String,
        at servicePath: String = ".",
        folder: String,
        variables: [String: Secret],
        timeout: Duration,
        serving: String? = nil,
        servingSince: String? = nil,
    ) {
        self.database = database
        self.service = service
        self.servicePath = servicePath
        self.folder = folder
        self.variables = variables
        self.timeout = timeout
        self.serving = serving
        self.servingSince = servingSince
    }

    /// The migrations' folder, absolute.
    public var directory: String { folder == "." || folder.isEmpty ? service : "\(service)/\(folder)" }
}
