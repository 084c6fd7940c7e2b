// SPDX-License-Identifier: Apache-2.0
import Core

/// Puts the parts of the file together and fills in what depends on several of them.
enum ProjectReader {
    /// The whole file.
    static let shape = ValueShape<ProjectManifest>
        .mapping(ProjectKeys.table) { fields in
            let log = fields.node.log
            let name = fields.value(ProjectKeys.project)
            let compose = fields.value(ProjectKeys.compose)
            log.describesAdditions = fields.says(ProjectKeys.compose.name)
            let services =
                fields.value(log.describesAdditions ? ProjectKeys.additions : ProjectKeys.services) ?? []
            let accessories = fields.value(ProjectKeys.accessories) ?? []
            var manifest = ProjectManifest(
                project: name ?? ProjectName(""),
                compose: compose,
                services: services.map(\.value),
                accessories: accessories.map { withDatabase($0.value, of: name, log) },
                migrations: fields.value(ProjectKeys.migrations),
                environments: (fields.value(ProjectKeys.environments) ?? []).map(\.value),
            )
            if manifest.environments.isEmpty { manifest.environments = usualEnvironments }
            guard compose == nil else { return manifest }
            return completed(manifest, log)
        }

    /// What depends on all services being known.
    static func completed(_ manifest: ProjectManifest, _ log: ReadingLog) -> ProjectManifest {
        var manifest = manifest
        manifest.migrations = manifest.migrations.map { resolved($0, in: manifest, log) }
        return manifest
    }

    /// What a project has that names no environments.
    private static var usualEnvironments: [EnvironmentManifest] {
        [("production", "main"), ("staging", "develop")]
            .map { name, branch in
                var environment = EnvironmentManifest.usual(EnvironmentName(name))
                environment.branch = branch
                return environment
            }
    }

    private static func withDatabase(
        _ accessory: AccessoryManifest,
        of project: ProjectName?,
        _ log: ReadingLog,
    ) -> AccessoryManifest {
        let path = ManifestPath("accessories", accessory.name.rawValue)
        guard accessory.isDatabase, accessory.database.isEmpty, let project, !log.says(path.key("database"))
        else {
            return accessory
        }
        var accessory = accessory
        accessory.database = project.rawValue.replacing("-", with: "_")
        if case .refused = DatabaseNameRule.verdict(accessory.database) {
            let message = "\(path) can't have a database called \(accessory.database), after the project"
            log.report(
                log.keyPlace(of: path),
                message,
                hint: "that name is PostgreSQL's own; add 'database: NAME'",
            )
        }
        return accessory
    }

    private static func resolved(
        _ migrations: MigrationsManifest,
        in manifest: ProjectManifest,
        _ log: ReadingLog,
    ) -> MigrationsManifest {
        var migrations = migrations
        let services = manifest.services.map(\.name.rawValue)
        let accessories = manifest.accessories.filter(\.isDatabase).map(\.name.rawValue)
        let service = MigrationsKeys.service.name
        let accessory = MigrationsKeys.accessory.name
        if migrations.service.rawValue.isEmpty, let only = onlyOne(services, service, "services", log) {
            migrations.service = ServiceName(only)
        }
        if migrations.accessory.rawValue.isEmpty,
            let only = onlyOne(accessories, accessory, "databases", log)
        {
            migrations.accessory = AccessoryName(only)
        }
        return migrations
    }

    /// The one name that can be meant when the file does not say which.
    private static func onlyOne(
        _ names: [String],
        _ key: String,
        _ nouns: String,
        _ log: ReadingLog,
    ) -> String? {
        let path = ManifestPath(ProjectKeys.migrations.name)
        if names.count == 1 || log.says(path.key(key)) { return names.first }
        let isAccessory = key == MigrationsKeys.accessory.name
        if isAccessory, log.isBroken(ManifestPath(ProjectKeys.accessories.name)) { return nil }
        if !names.isEmpty {
            let hint = "add '\(key)' with \(names.alternatives)"
            log.report(
                log.keyPlace(of: path),
                "migrations has no '\(key)', and there are \(names.count) \(nouns)",
                hint: hint,
            )
        } else if isAccessory {
            let hint = "add 'accessories: { db: { postgres: 15 } }'"
            log.report(log.keyPlace(of: path), "migrations has no database to change", hint: hint)
        }
        return nil
    }
}
