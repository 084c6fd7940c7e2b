// SPDX-License-Identifier: Apache-2.0
import Core

/// A service of a template, line by line.
enum ServiceLines {
    /// The lines, two spaces deep.
    static func lines(_ service: DetectedService) -> [String] {
        var lines = ["  \(service.name):   # \(service.kind)"]
        lines += service.remarks.map { "    # \($0)" }
        if service.path != "." { lines.append("    path: \(YAMLText.plain(service.path))") }
        lines += commands("build", service.build) + commands("test", service.test)
        switch service.program {
        case .command(let line): lines.append("    run: \(YAMLText.plain(line))")
        case .files(let folder): lines.append("    static: \(YAMLText.plain(folder))")
        case .container: break  // Compose describes it.
        }
        lines += health(service)
        if !service.routes.isEmpty { lines.append("    routes: [\(service.routes.joined(separator: ", "))]") }
        return lines
    }

    /// A folder that can't be built yet, as comments.
    static func comments(_ container: DetectedContainer) -> [String] {
        let name = NameVerdict.suggestion(for: FileTree.name(of: container.path)) ?? "app"
        return [
            "  # \(name):   # \(container.file): say 'dockerfile: Dockerfile' and 'port', or how it is done without:",
            "  #   path: \(YAMLText.plain(container.path))",
            "  #   build: [make]",
            "  #   run: \(YAMLText.plain(container.command ?? "./start --port $PORT"))",
        ]
    }

    private static func commands(_ key: String, _ commands: [String]) -> [String] {
        guard commands.count > 1 else { return commands.map { "    \(key): \(YAMLText.plain($0))" } }
        return ["    \(key):"] + commands.map { "      - \(YAMLText.plain($0))" }
    }

    private static func health(_ service: DetectedService) -> [String] {
        guard case .command = service.program else { return [] }
        guard let health = service.health else {
            return ["    health: /   # no health route was found; a page is asked for instead"]
        }
        guard !health.expect.isEmpty else { return ["    health: \(health.path)"] }
        let members = health.expect.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return ["    health: { path: \(health.path), expect: { \(members.joined(separator: ", ")) } }"]
    }
}
