// SPDX-License-Identifier: Apache-2.0
public import Core

/// Everything `opshub.yml` says, with defaults filled in.
public struct ProjectManifest: Hashable, Sendable, Codable {
    /// The project's name; the only thing that must be said.
    public var project: ProjectName
    /// The compose files that describe what runs; nil without any.
    public var compose: ComposeManifest?
    /// In the order of the file.
    public var services: [ServiceManifest]
    /// In the order of the file.
    public var accessories: [AccessoryManifest]
    /// Schema changes, when the project has any.
    public var migrations: MigrationsManifest?
    /// In the order of the file.
    ///
    /// Without any in the file: production from `main` and staging from `develop`.
    public var environments: [EnvironmentManifest]

    /// Puts a manifest together.
    public init(
        project: ProjectName,
        compose: ComposeManifest? = nil,
        services: [ServiceManifest] = [],
        accessories: [AccessoryManifest] = [],
        migrations: MigrationsManifest? = nil,
        environments: [EnvironmentManifest] = [],
    ) {
        self.project = project
        self.compose = compose
        self.services = services
        self.accessories = accessories
        self.migrations = migrations
        self.environments = environments
    }

    /// The environment with this name, if the manifest has it.
    public func environment(_ name: EnvironmentName) -> EnvironmentManifest? {
        environments.first { $0.name == name }
    }
}
