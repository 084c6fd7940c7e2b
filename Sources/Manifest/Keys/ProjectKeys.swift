// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys at the top of the file.
enum ProjectKeys {
    /// The key `project:`.
    static let project = ManifestKey<ProjectName>(
        "project",
        .name(),
        "The project's name.",
        whenMissing: "begin with 'project: NAME'",
    )
    /// The key `compose:`.
    static let compose = ManifestKey(
        "compose",
        ComposeKeys.shape,
        "Compose files that describe what runs. `services` then only adds to them what compose can't say.",
    )
    /// What is added to the services of compose files, under the key `services:`.
    static let additions = ManifestKey<[(key: String, value: ServiceManifest)]>(
        "services",
        .map(of: ServiceKeys.shape, keys: .names(of: "a service"), expected: "services by name"),
        services.about,
    )
    /// The key `services:`.
    static let services = ManifestKey<[(key: String, value: ServiceManifest)]>(
        "services",
        .atLeastOne(
            .map(of: ServiceKeys.shape, keys: .names(of: "a service"), expected: "services by name"),
            whenNone: withoutServices,
        ),
        "The programs that run, by name.",
    )
    /// The key `accessories:`.
    static let accessories = ManifestKey<[(key: String, value: AccessoryManifest)]>(
        "accessories",
        .map(of: AccessoryKeys.shape, keys: .names(of: "an accessory"), expected: "accessories by name"),
        "Databases, Redis servers and folders of files that outlive releases, by name. Services get addresses as DATABASE_URL and REDIS_URL.",
    )
    /// The key `migrations:`.
    static let migrations = ManifestKey(
        "migrations",
        MigrationsKeys.shape,
        "How the database's schema changes.",
    )
    /// The key `environments:`.
    static let environments = ManifestKey<[(key: String, value: EnvironmentManifest)]>(
        "environments",
        .map(
            of: EnvironmentKeys.shape,
            keys: .names(of: "an environment"),
            expected: "environments by name",
        ),
        "Where releases run, by name. Production from `main` and staging from `develop` when nothing is said.",
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, first of all 'project: NAME'",
        keys: [
            project.description, compose.description, services.description, accessories.description,
            migrations.description,
            environments.description,
        ],
        atLeastOne: [services.name, compose.name],
        whenNone: withoutServices,
        synonyms: [
            "name": "project", "apps": "services", "databases": "accessories", "envs": "environments",
        ],
    )

    /// The hint where nothing is described.
    static let withoutServices =
        "there is nothing to deploy: describe a service with 'run' or 'static', or name compose files with 'compose'"
}
