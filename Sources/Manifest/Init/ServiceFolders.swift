// SPDX-License-Identifier: Apache-2.0
import Core

/// Which folders of a repository hold a service.
enum ServiceFolders {
    /// The services, the root's first, with routes so that a browser finds the frontend.
    static func services(of tree: FileTree) -> [DetectedService] {
        var found: [(path: String, program: DetectedProgram)] = []
        for folder in candidates(tree) where !isPart(folder, of: found.map(\.path)) {
            let files = tree.below(folder)
            if let program = NodeProgram.detect(files) ?? PythonProgram.detect(files) {
                found.append((folder, program))
            }
        }
        for site in StaticSite.all(in: tree) where !isPart(site.path, of: found.map(\.path), isSite: true) {
            found.append((site.path, StaticSite.program(folder: site.folder)))
        }
        let names = uniqueNames(found)
        let routes = routes(names, found.map(\.program))
        return zip(names, found)
            .map { name, entry in
                service(name, entry.path, entry.program, routes: routes[name].map { [$0] } ?? [])
            }
    }

    /// The root and folders up to two levels down with a file that programs begin with.
    private static func candidates(_ tree: FileTree) -> [String] {
        let markers: Set<String> = [
            "package.json", "requirements.txt", "pyproject.toml", "manage.py",
        ]
        let folders = tree.paths.filter { markers.contains(FileTree.name(of: $0)) }.map(FileTree.folder)
        return Set(folders)
            .filter { folder in
                let parts = folder.split(separator: "/").map(String.init)
                return parts.count <= 2
                    && !parts.contains { unlikely.contains($0) || $0.hasPrefix(".") && $0 != "." }
            }
            .sorted { ($0 == "." ? "" : $0) < ($1 == "." ? "" : $1) }
    }

    /// Whether a folder belongs to a service that was found already.
    private static func isPart(_ folder: String, of services: [String], isSite: Bool = false) -> Bool {
        services.contains { service in
            if service == "." { return isSite && !frontends.contains(FileTree.name(of: folder)) }
            return folder == service || folder.hasPrefix(service + "/")
        }
    }

    private static func service(
        _ name: String,
        _ path: String,
        _ program: DetectedProgram,
        routes: [String],
    ) -> DetectedService {
        DetectedService(
            name: ServiceName(name),
            path: path,
            kind: program.kind,
            build: program.build,
            test: program.test,
            program: program.program,
            health: program.health,
            routes: routes,
            remarks: program.remarks,
        )
    }

    private static let unlikely: Set<String> = [
        "test", "tests", "e2e", "doc", "docs", "example", "examples", "fixtures", "scripts", "tools", "infra",
        "deploy",
    ]
    private static let frontends: Set<String> = ["frontend", "client", "web", "www", "site", "ui", "website"]
}

extension ServiceFolders {
    /// A name per folder, after the folder, or after the whole path where that is not enough.
    private static func uniqueNames(_ found: [(path: String, program: DetectedProgram)]) -> [String] {
        let short = found.map { entry in
            entry.path == "." ? (entry.program.isFrontend ? "web" : "app") : FileTree.name(of: entry.path)
        }
        var taken: Set<String> = []
        return zip(short, found)
            .map { name, entry in
                let options = [name, entry.path.replacing("/", with: "-"), "service"].compactMap(Self.asName)
                let numbered = (2...).lazy.map { "service-\($0)" }
                let name =
                    options.first { !taken.contains($0) } ?? numbered.first { !taken.contains($0) }
                    ?? "service"
                taken.insert(name)
                return name
            }
    }

    private static func asName(_ text: String) -> String? {
        NameRule.admits(text) ? text : NameVerdict.suggestion(for: text)
    }

    /// `/` for the first frontend, or else the first service; `/api` for the first other one; `/NAME` for the rest.
    private static func routes(_ names: [String], _ programs: [DetectedProgram]) -> [String: String] {
        let fronts = programs.indices.filter { programs[$0].isFrontend }
        let front = fronts.first { frontends.contains(names[$0]) } ?? fronts.first ?? programs.startIndex
        var routes: [String: String] = [:]
        var isAPITaken = false
        for (index, name) in names.enumerated() {
            if index == front {
                routes[name] = "/"
            } else if !programs[index].isFrontend, !isAPITaken, programs[front].isFrontend {
                routes[name] = "/api"
                isAPITaken = true
            } else {
                routes[name] = "/\(name)"
            }
        }
        return routes
    }
}
