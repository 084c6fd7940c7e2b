// SPDX-License-Identifier: Apache-2.0
import Core

/// A manifest whose services are described in compose files.
struct ComposedManifest {
    let manifest: ProjectManifest
    let log: ReadingLog
    let desk: ManifestFileDesk

    /// The manifest as an environment sees it; as the first one does when nil, with the mistakes of all.
    func reading(for environment: EnvironmentName?) -> ManifestReading {
        let composeLog = ComposeLog()
        let asked = manifest.environments.filter { environment == nil || $0.name == environment }
        // An environment that there is not is told by whoever asks for it.
        let views = (asked.isEmpty ? manifest.environments : asked).compactMap { view(of: $0, composeLog) }
        UniquenessCheck.run(manifest, log)
        checkPorts(of: views)
        let diagnostics = log.diagnostics + composeLog.mistakes
        return ManifestReading(
            manifest: diagnostics.isEmpty ? views.first : nil,
            diagnostics: diagnostics,
            remarks: log.remarks + composeLog.remarks,
            wanted: desk.wanted,
        )
    }

    /// Environments share one server, and a port that compose files publish would be that of each of them.
    private func checkPorts(of views: [ProjectManifest]) {
        var owners: [Int: EnvironmentName] = [:]
        for (view, environment) in zip(views, manifest.environments)
        where views.count == manifest.environments.count && views.count > 1 {
            let ports = view.environment(environment.name)?.ports ?? [:]
            for (name, port) in ports.sorted(by: { $0.key < $1.key }) where environment.ports[name] == nil {
                if let owner = owners[port] {
                    let path = ManifestPath("environments", environment.name.rawValue)
                    log.report(
                        log.keyPlace(of: path),
                        "\(environment.name) and \(owner) both publish port \(port) of \(name), as their compose files say",
                        hint: "give one of them a 'domain', or 'ports: { \(name): PORT }' of its own",
                    )
                }
                owners[port] = owners[port] ?? environment.name
            }
        }
    }

    private func view(of environment: EnvironmentManifest, _ composeLog: ComposeLog) -> ProjectManifest? {
        guard let compose = environment.compose ?? manifest.compose else { return nil }
        let own = ManifestPath("environments", environment.name.rawValue, "compose")
        let reading = ComposeReading(desk: desk, project: manifest.project, log: log, composeLog: composeLog)
        let result = reading.read(
            compose,
            for: environment,
            with: manifest.services,
            named: log.place(of: log.says(own) ? own : ManifestPath("compose")),
        )
        guard let result else { return nil }
        var view = manifest
        view.services = result.services
        view.accessories += result.accessories
        view.environments = [environment]
        view.environments[0].ports.merge(result.ports) { said, _ in said }
        view = ProjectReader.completed(view, log)
        ManifestChecks.run(view, log)
        let ports = view.environments[0].ports
        view.environments = manifest.environments.map { other in
            var other = other
            if other.name == environment.name { other.ports = ports }
            return other
        }
        return view
    }
}

extension ProjectManifest {
    /// Whether compose files describe what runs.
    public var isComposed: Bool { compose != nil }
}
