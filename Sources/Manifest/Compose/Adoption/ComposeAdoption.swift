// SPDX-License-Identifier: Apache-2.0
import Core

/// Makes services and accessories of compose services, with what `opshub.yml` adds to them.
///
/// A service that keeps data outlives releases: it becomes an accessory, which no deployment restarts.
struct ComposeAdoption {
    /// What `opshub.yml` says under `services:`, by name.
    let additions: [ServiceManifest]
    let environment: EnvironmentManifest
    /// What was said in `opshub.yml`, and where.
    let log: ReadingLog
    let composeLog: ComposeLog

    /// What compose files make of an environment.
    struct Result {
        var services: [ServiceManifest] = []
        var accessories: [AccessoryManifest] = []
        /// Ports that compose files publish, by service.
        var ports: [String: Int] = [:]
    }

    /// Services and accessories, in the order of the files.
    func adopt(_ found: [ComposeService]) -> Result {
        var (result, names): (Result, [String: String]) = (Result(), [:])
        for service in found {
            guard let name = NameVerdict.suggestion(for: service.name) else {
                composeLog.report(
                    service.place,
                    "'\(service.name)' can't be the name of a service here",
                    hint: NameRule.words,
                )
                continue
            }
            if let other = names.updateValue(service.name, forKey: name) {
                composeLog.report(
                    service.place,
                    "\(service.name) and \(other) would both be called \(name)",
                    hint: "rename one of them",
                )
                continue
            }
            let addition = additions.first { $0.name.rawValue == name }
            if isStateful(service, addition) {
                checkAccessory(service)
                result.accessories.append(accessory(service, name))
            } else {
                let adopted = self.service(service, name, addition)
                result.services.append(adopted)
                publish(service, name, adopted, &result)
            }
        }
        checkAdditions(against: names)
        return routed(ComposeDependencies(log: composeLog).resolve(result, found))
    }

    /// The edge holds the port that is published; where the environment has a domain, visitors come through that.
    private func publish(
        _ service: ComposeService,
        _ name: String,
        _ adopted: ServiceManifest,
        _ result: inout Result,
    ) {
        let ports = service.ports.filter { $0.isHTTP && $0.target == adopted.container?.port }
        guard let port = ports.first(where: { $0.published != nil }), let published = port.published,
            environment.ports[name] == nil
        else { return }
        // Of environments that nobody has written down, one can have it.
        guard log.says(ManifestPath("environments")) || environment.name.rawValue == "production" else {
            return
        }
        guard let domain = environment.domain else {
            result.ports[name] = published
            return
        }
        composeLog.remark(
            port.place,
            "port \(published) of \(service.name) is not held: \(environment.name) answers as \(domain)",
            hint:
                "to have both, say 'environments: { \(environment.name): { ports: { \(name): \(published) } } }' in opshub.yml",
        )
    }

    // MARK: What is what

    private func isStateful(_ service: ComposeService, _ addition: ServiceManifest?) -> Bool {
        if let addition, let said = addition.isAccessory { return said }
        if StatefulImages.names.contains(service.imageBaseName) { return true }
        // An image that a team has built elsewhere may have a volume too: one that others are led to, or that needs others, is theirs.
        guard case .named = service.container.image, service.ports.isEmpty,
            service.container.dependencies.isEmpty, addition?.routes.isEmpty != false
        else { return false }
        return service.container.mounts.contains { mount in
            guard !mount.isReadOnly else { return false }
            switch mount.source {
            case .volume, .externalVolume: return true
            default: return false
            }
        }
    }

    private func accessory(_ service: ComposeService, _ name: String) -> AccessoryManifest {
        let container = ContainerAccessoryManifest(
            container: known(service, as: name),
            variables: service.variables,
            memory: service.memory,
            stopTimeout: service.stopTimeout ?? .seconds(60),
        )
        composeLog.remark(
            service.place,
            "\(service.name) keeps data: it outlives releases, and no deployment restarts it or changes its image",
            hint:
                "if it comes with the code, say 'services: { \(name): { accessory: false } }' in opshub.yml",
        )
        for port in service.ports where port.published != nil {
            composeLog.remark(
                port.place,
                "port \(port.target) of \(service.name) is not published: services reach it by its name, and nobody from outside",
            )
        }
        return AccessoryManifest(name: AccessoryName(name), kind: .container(container), database: "")
    }

    private func service(
        _ service: ComposeService,
        _ name: String,
        _ addition: ServiceManifest?,
    ) -> ServiceManifest {
        let path = ManifestPath("services", name)
        var container = known(service, as: name)
        container.port = addition?.container?.port ?? httpPort(service, addition)
        var adopted = ServiceManifest(name: ServiceName(name), program: .container(container))
        // As compose does: they are put into texts, and a service has those that it names.
        adopted.takesEnvironment = false
        adopted.replicas = service.replicas
        adopted.variables = service.variables
        adopted.limits.memory = service.memory ?? adopted.limits.memory
        adopted.limits.stopTimeout = service.stopTimeout ?? adopted.limits.stopTimeout
        adopted.health = HealthCheckManifest(path: "/", takesAnyAnswer: true)
        adopted.health.within = max(adopted.health.within, Self.patience(container.check))
        guard let addition else { return adopted }
        if log.says(path.key("health")) { adopted.health = addition.health }
        if log.says(path.key("replicas")) { adopted.replicas = addition.replicas }
        if log.says(path.key("limits").key("memory")) { adopted.limits.memory = addition.limits.memory }
        if log.says(path.key("limits").key("files")) { adopted.limits.files = addition.limits.files }
        if log.says(path.key("limits").key("stop_timeout")) {
            adopted.limits.stopTimeout = addition.limits.stopTimeout
        }
        adopted.routes = addition.routes
        if !addition.routes.isEmpty, container.port == nil {
            log.report(
                log.keyPlace(of: path.key("routes")),
                "\(path) has routes, and \(service.name) has no port in its compose file",
                hint: "add 'port: 8000', the one that it answers on inside",
            )
        }
        adopted.test = addition.test
        adopted.buildTimeout = addition.buildTimeout
        adopted.variables.merge(addition.variables) { $1 }
        return adopted
    }

    /// How long a container's own check may take to say yes.
    private static func patience(_ check: ContainerCheck?) -> Duration {
        guard let check, !check.isOff else { return .zero }
        let interval = check.interval ?? .seconds(30)
        return (check.startPeriod ?? .zero) + (interval + (check.timeout ?? .seconds(30))) * 2
    }

    /// The container, which others know by the name in the file, and by the one that was asked for.
    private func known(_ service: ComposeService, as name: String) -> ContainerManifest {
        var container = service.container
        var aliases = service.name == name ? [] : [service.name]
        if let asked = service.containerName, let text = asked.text {
            if text != name { aliases.append(text) }
            composeLog.remark(
                asked.place,
                "the container of \(service.name) is not called \(text): "
                    + (service.replicas > 1
                        ? "there are \(service.replicas) of them" : "two releases run side by side"),
                hint: "others in its networks know it by that name all the same",
            )
        }
        for index in container.networks.indices { container.networks[index].aliases += aliases }
        return container
    }

    /// The port that the edge asks: one that is published, or one that others see, where the edge has a route to it.
    private func httpPort(_ service: ComposeService, _ addition: ServiceManifest?) -> Int? {
        if let published = service.ports.first(where: \.isHTTP) {
            for port in service.ports where port.target != published.target {
                composeLog.remark(
                    port.place,
                    "port \(port.target) of \(service.name) is not published: the edge leads to one port of a service, \(published.target)",
                    hint: "say which in opshub.yml: services.\(service.name).port",
                )
            }
            return published.target
        }
        return addition?.routes.isEmpty == false ? service.exposed.first : nil
    }

    // MARK: What does not fit

    private func checkAccessory(_ service: ComposeService) {
        if case .built = service.container.image {
            composeLog.report(
                service.place,
                "\(service.name) outlives releases, and is built from one",
                hint: "give it an 'image', or say 'accessory: false' in opshub.yml",
            )
        }
        for (mount, place) in zip(service.container.mounts, service.mountPlaces) {
            if case .file = mount.source {
                composeLog.report(
                    place,
                    "\(service.name) outlives releases, and is to see a secret or config of one",
                    hint: "give it the value as a variable; files can't be given to accessories yet",
                )
            }
            guard case .release(let path) = mount.source else { continue }
            composeLog.report(
                place,
                "\(service.name) outlives releases, and would see \(path) of one",
                hint:
                    "build an image that has the file; files of the repository can't be given to accessories yet",
            )
        }
    }

    private func checkAdditions(against names: [String: String]) {
        for addition in additions where names[addition.name.rawValue] == nil {
            let known = names.keys.sorted()
            log.report(
                log.keyPlace(of: ManifestPath("services", addition.name.rawValue)),
                "no compose file has a service \(addition.name) for \(environment.name)",
                hint: addition.name.rawValue.notFoundHint(among: known, called: "service"),
            )
        }
    }

    /// The only service that is published answers every path when nothing else is said.
    private func routed(_ result: Result) -> Result {
        guard result.services.allSatisfy(\.routes.isEmpty) else { return result }
        let published = result.services.indices.filter { result.services[$0].container?.port != nil }
        guard published.count == 1 else { return result }
        var result = result
        result.services[published[0]].routes = ["/"]
        return result
    }
}
