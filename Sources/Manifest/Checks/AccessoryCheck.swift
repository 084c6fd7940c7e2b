// SPDX-License-Identifier: Apache-2.0
import Core

/// What an accessory can't be used for, and which variables a folder can't have.
enum AccessoryCheck {
    /// Reports what is used like something else, and variables that mean two things.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        var taken = addresses(manifest)
        checkMigrations(manifest, log)
        for accessory in manifest.accessories {
            guard case .folder(let variable) = accessory.kind, !variable.isEmpty else { continue }
            let path = ManifestPath("accessories", accessory.name.rawValue, AccessoryKeys.folder.name)
            if let other = taken[variable] {
                log.report(
                    log.place(of: path),
                    "\(variable) is \(other) already",
                    hint: "give the folder a variable of its own",
                )
                continue
            }
            taken[variable] = "the path of \(accessory.name)"
            checkUse(of: accessory, variable, manifest, log)
        }
    }

    /// Variables that tell where servers are.
    private static func addresses(_ manifest: ProjectManifest) -> [String: String] {
        let servers = manifest.accessories.filter(\.isServer)
        let pairs = servers.flatMap { server in
            [server.addressVariable, server.usualVariable].compactMap { $0 }
                .map { ($0, "the address of \(server.name)") }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func checkMigrations(_ manifest: ProjectManifest, _ log: ReadingLog) {
        let changed = manifest.migrations?.accessory
        guard let accessory = manifest.accessories.first(where: { $0.name == changed }),
            !accessory.isDatabase
        else { return }
        log.report(
            log.place(of: ManifestPath("migrations", MigrationsKeys.accessory.name)),
            "migrations change a database, and \(accessory.name) is \(accessory.noun)",
            hint: "name a PostgreSQL server under 'accessories:'",
        )
    }

    private static func checkUse(
        of folder: AccessoryManifest,
        _ variable: String,
        _ manifest: ProjectManifest,
        _ log: ReadingLog,
    ) {
        let name = folder.name.rawValue
        let services = manifest.services.map { ($0.variables, ManifestPath("services", $0.name.rawValue)) }
        let environments = manifest.environments.map {
            ($0.variables, ManifestPath("environments", $0.name.rawValue))
        }
        for (variables, path) in services + environments where variables[variable] != nil {
            log.report(
                log.keyPlace(of: path.key("env").key(variable)),
                "\(variable) is the path of the folder \(name), and \(path) sets it to something else",
                hint: "remove one of them",
            )
        }
        for environment in manifest.environments where environment.ports[name] != nil {
            let path = ManifestPath("environments", environment.name.rawValue, "ports").key(name)
            log.report(
                log.keyPlace(of: path),
                "\(path.parent) gives \(name) a port, and it is a folder",
                hint: "remove that line",
            )
        }
    }
}
