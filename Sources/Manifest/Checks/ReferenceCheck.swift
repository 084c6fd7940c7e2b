// SPDX-License-Identifier: Apache-2.0
import Core

/// Whatever is named must exist, and by one name only.
enum ReferenceCheck {
    /// Reports names of services and accessories that don't exist or are not clear.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        let services = manifest.services.map(\.name.rawValue)
        let accessories = manifest.accessories.map(\.name.rawValue)
        for name in accessories where services.contains(name) {
            let place = log.keyPlace(of: ManifestPath("accessories", name))
            log.report(place, "'\(name)' names a service too", hint: "rename one: ports are given by name")
        }
        if let migrations = manifest.migrations {
            let path = ManifestPath("migrations")
            require(migrations.service.rawValue, of: services, "service", at: path.key("service"), log)
            require(
                migrations.accessory.rawValue,
                of: accessories,
                "accessory",
                at: path.key("accessory"),
                log,
            )
        }
        for environment in manifest.environments {
            check(environment, services: services, accessories: accessories, log)
        }
    }

    private static func check(
        _ environment: EnvironmentManifest,
        services: [String],
        accessories: [String],
        _ log: ReadingLog,
    ) {
        let path = ManifestPath("environments", environment.name.rawValue)
        for name in environment.ports.keys {
            let known = services + accessories
            require(name, of: known, "service or accessory", at: path.key("ports").key(name), log)
        }
        for name in environment.replicas.keys {
            require(name, of: services, "service", at: path.key("replicas").key(name), log)
        }
        require(environment.smoke, at: path.key("smoke"), of: services, log)
        require(environment.external, at: path.key("external"), of: services, log)
    }

    private static func require(
        _ requests: [SmokeCheckManifest],
        at path: ManifestPath,
        of services: [String],
        _ log: ReadingLog,
    ) {
        for (item, request) in log.items(of: path, requests) {
            request.service.map {
                require($0.rawValue, of: services, "service", at: item.key("service"), log)
            }
        }
    }

    private static func require(
        _ name: String,
        of known: [String],
        _ noun: String,
        at path: ManifestPath,
        _ log: ReadingLog,
    ) {
        guard !name.isEmpty, !known.contains(name) else { return }
        let isKey = path.lastKey == name
        let place = isKey ? log.keyPlace(of: path) : log.place(of: path)
        let subject = isKey ? path.parent : path
        let hint = name.notFoundHint(among: known, called: noun)
        log.report(place, "\(subject) names '\(name)', and there is no such \(noun)", hint: hint)
    }
}
