// SPDX-License-Identifier: Apache-2.0
import Core

/// Reads an environment's compose files.
struct ComposeReading {
    let desk: ManifestFileDesk
    let project: ProjectName
    let log: ReadingLog
    let composeLog: ComposeLog

    /// What they make of an environment; nil when they can't be read or are not all known yet.
    func read(
        _ compose: ComposeManifest,
        for environment: EnvironmentManifest,
        with additions: [ServiceManifest],
        named place: ManifestPlace,
    ) -> ComposeAdoption.Result? {
        let variables = ComposeVariables(
            environment.variables.merging([
                "COMPOSE_PROJECT_NAME": project.rawValue, "OPSHUB_PROJECT": project.rawValue,
                "OPSHUB_ENVIRONMENT": environment.name.rawValue,
            ]) { own, _ in own }
        )
        let text = ComposeProjectText(desk: desk, variables: variables, log: composeLog)
        let here = ComposePlace(file: log.file, place: place)
        guard let file = text.value(compose.files, named: here) else { return nil }
        ComposeKeyTable.file.check(file, "the file", composeLog)
        let reader = ComposeServiceReader(
            file: file,
            desk: desk,
            variables: text.withDotEnv(in: RepositoryPath.folder(of: compose.files.first ?? "")),
            log: composeLog,
        )
        let active = active(file, compose.profiles)
        guard !active.isEmpty else {
            composeLog.report(
                here,
                "the compose files have no service for \(environment.name)",
                hint: "see 'services' and 'profiles' there",
            )
            return nil
        }
        let services = active.compactMap(reader.service)
        // What can't be read is not there for a reason that was told.
        guard services.count == active.count || !composeLog.mistakes.isEmpty else { return nil }
        let adoption = ComposeAdoption(
            additions: additions,
            environment: environment,
            log: log,
            composeLog: composeLog,
        )
        let result = adoption.adopt(Self.sharingBuilds(services))
        ComposeWarnings.run(services, result, composeLog)
        if !result.services.isEmpty, !result.services.contains(where: \.answers) {
            composeLog.report(
                here,
                "no service of \(environment.name) answers on a port, and there is nothing that the edge could switch",
                hint:
                    "publish a port of one, or say 'services: { NAME: { port: 8000 } }' in opshub.yml; projects without any are not supported yet",
            )
        }
        return result
    }

    /// A service with the image that another one builds runs what that one has built, and nothing that a registry has by that name.
    private static func sharingBuilds(_ services: [ComposeService]) -> [ComposeService] {
        let pairs = services.compactMap { service -> (String, ContainerManifest.Image)? in
            guard case .built = service.container.image, let name = service.imageName else { return nil }
            return (name, service.container.image)
        }
        let builds = Dictionary(pairs) { first, _ in first }
        return services.map { service in
            guard case .named(let name) = service.container.image, let build = builds[name] else {
                return service
            }
            var service = service
            service.container.image = build
            return service
        }
    }

    /// Services without profiles, and those with one that is on, with everything that they depend on.
    private func active(_ file: ComposeValue, _ profiles: [String]) -> [ComposeEntry] {
        let all = file["services"]?.entries ?? []
        let reader = ComposeReader(log: composeLog)
        func isOn(_ entry: ComposeEntry) -> Bool {
            let own = reader.texts(entry.value["profiles"], "profiles of \(entry.key)")
            return own.isEmpty || profiles.contains("*") || !Set(own).isDisjoint(with: profiles)
        }
        for profile in profiles where profile != "*" {
            let isKnown = all.contains { reader.texts($0.value["profiles"], "").contains(profile) }
            guard !isKnown else { continue }
            log.report(
                log.place(of: ManifestPath("compose", "profiles")),
                "no service has the profile '\(profile)'",
            )
        }
        return all.filter(isOn)
    }
}
