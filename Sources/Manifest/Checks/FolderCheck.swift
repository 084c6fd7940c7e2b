// SPDX-License-Identifier: Apache-2.0
import Core

/// What a folder among the accessories can't be, and which variables it can't have.
enum FolderCheck {
    /// Reports folders that are used like databases, and variables that mean two things.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        var taken = addresses(manifest)
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

    /// Variables that tell where databases are.
    private static func addresses(_ manifest: ProjectManifest) -> [String: String] {
        let databases = manifest.accessories.filter(\.isDatabase)
        var taken = Dictionary(
            databases.map { ($0.addressVariable, "the address of \($0.name)") },
            uniquingKeysWith: { first, _ in first },
        )
        if databases.count == 1 { taken["DATABASE_URL"] = "the address of \(databases[0].name)" }
        return taken
    }

    private static func checkUse(
        of folder: AccessoryManifest,
        _ variable: String,
        _ manifest: ProjectManifest,
        _ log: ReadingLog,
    ) {
        let name = folder.name.rawValue
        if manifest.migrations?.accessory == folder.name {
            let path = ManifestPath("migrations", MigrationsKeys.accessory.name)
            log.report(
                log.place(of: path),
                "migrations change a database, and \(name) is a folder",
                hint: "name a database under 'accessories:'",
            )
        }
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
