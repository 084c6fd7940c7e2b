// SPDX-License-Identifier: Apache-2.0
public import Core

/// Migrations that a repository seems to have.
public struct DetectedMigrations: Hashable, Sendable {
    /// What applies them.
    public var tool: MigrationsManifest.Tool
    /// The service in whose folder they are.
    public var service: ServiceName
    /// Their folder below the service's.
    public var folder: String
}
