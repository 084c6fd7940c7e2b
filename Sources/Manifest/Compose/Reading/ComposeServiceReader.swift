// SPDX-License-Identifier: Apache-2.0
import Core

/// Reads one service of merged compose files.
struct ComposeServiceReader {
    let file: ComposeValue
    let desk: ManifestFileDesk
    /// Variables that files of variables may use.
    let variables: ComposeVariables
    let log: ComposeLog

    private var reader: ComposeReader { ComposeReader(log: log) }

    /// The service; mistakes in it were reported, and what is wrong is left at what most services have.
    func service(_ entry: ComposeEntry) -> ComposeService? {
        let (value, name) = (entry.value, entry.key)
        guard case .map = value.content else {
            log.report(entry.place, "the service \(name) is \(value.noun), and a mapping was expected")
            return nil
        }
        ComposeKeyTable.service.check(value, name, log)
        guard let image = image(value, entry) else { return nil }
        let deploy = deploy(value, name)
        let mounts = ComposeMountReader(file: file, log: log).mounts(value, name)
        var container = ContainerManifest(
            image: image,
            entrypoint: reader.words(value["entrypoint"], "entrypoint of \(name)"),
            command: reader.words(value["command"], "command of \(name)"),
            networks: ComposeNetworkReader(file: file, log: log).networks(value, name),
            mounts: mounts.map(\.mount),
            check: check(value, name),
            dependencies: dependencies(value, name),
            restart: restart(value, deploy, name),
            privileges: privileges(value, name),
            resources: resources(value, deploy, name),
        )
        container.hostname = reader.text(value["hostname"], "hostname of \(name)")
        container.workingDirectory = reader.text(value["working_dir"], "working_dir of \(name)")
        container.extraHosts = reader.texts(value["extra_hosts"], "extra_hosts of \(name)")
        container.labels = reader.pairs(value["labels"], "labels of \(name)")
        container.stopSignal = reader.text(value["stop_signal"], "stop_signal of \(name)")
        container.hasInit = reader.truth(value["init"], "init of \(name)") ?? false
        container.hasTerminal = reader.truth(value["tty"], "tty of \(name)") ?? false
        return ComposeService(
            name: name,
            place: entry.place,
            container: container,
            variables: environment(value, name),
            memory: reader.size(deploy.limits?["memory"] ?? value["mem_limit"], "the memory of \(name)"),
            stopTimeout: reader.duration(value["stop_grace_period"], "stop_grace_period of \(name)"),
            replicas: reader.number(
                deploy.value?["replicas"] ?? value["scale"],
                "replicas of \(name)",
                in: 0...32,
            ) ?? 1,
            ports: ports(value, name),
            exposed: reader.texts(value["expose"], "expose of \(name)")
                .compactMap { Int($0.prefix { $0.isNumber }) },
            hasCheck: container.check.map { !$0.isOff } ?? false,
            containerName: value["container_name"],
            mountPlaces: mounts.map(\.place),
            imagePlace: value["image"]?.place ?? entry.place,
            imageName: value["image"]?.text,
        )
    }

    private func image(_ value: ComposeValue, _ entry: ComposeEntry) -> ContainerManifest.Image? {
        let name = reader.text(value["image"], "image of \(entry.key)")
        guard let build = value["build"], !build.isNull else {
            if name == nil {
                log.report(
                    entry.place,
                    "the service \(entry.key) has neither 'image' nor 'build'",
                    hint: "add one of them",
                )
            }
            return name.map { .named($0) }
        }
        ComposeKeyTable.build.check(build, "build of \(entry.key)", log)
        var result = ImageBuildManifest(
            context: reader.text(build["context"], "the context of \(entry.key)") ?? "."
        )
        if let text = build["context"]?.text,
            text.contains("://") || text.hasPrefix("git@") || text.hasPrefix("/")
        {
            log.report(
                build["context"]?.place ?? build.place,
                "\(entry.key) is built from \(text), which is not part of the commit",
                hint: "build from a folder of the repository, so that a release is what was committed",
            )
        }
        result.dockerfile =
            reader.text(build["dockerfile"], "the Dockerfile of \(entry.key)") ?? "Dockerfile"
        result.target = reader.text(build["target"], "the target of \(entry.key)")
        result.arguments = reader.pairs(build["args"], "args of \(entry.key)")
        result.labels = reader.pairs(build["labels"], "labels of \(entry.key)")
        let grants = ComposeMountReader(file: file, log: log)
        for item in build["secrets"]?.items ?? [] {
            guard let source = item["source"]?.text,
                let content = grants.content(source, "secrets", item.place)
            else { continue }
            result.secrets[item["target"]?.text ?? source] = content
        }
        return .built(result)
    }

    /// Variables of its files, and over them those that are written down.
    private func environment(_ value: ComposeValue, _ name: String) -> [String: String] {
        var found: [String: String] = [:]
        for item in value["env_file"]?.items ?? [] {
            guard let path = reader.text(item["path"], "env_file of \(name)") else { continue }
            switch desk.find(path) {
            case .unknown: break
            case .binary: log.report(item.place, "\(path) is not UTF-8")
            case .absent:
                guard reader.truth(item["required"], "required of env_file") ?? true else { continue }
                log.report(
                    item.place,
                    "the repository has no \(path), which \(name) has its variables from",
                    hint:
                        "give them in opshub.yml (environments.NAME.env) and say 'env_file: [{ path: \(path), required: false }]'",
                )
            case .text(let text):
                let pairs = VariableFileText(file: path, variables: variables, log: log).values(text)
                for pair in pairs { found[pair.name] = pair.value }
            }
        }
        return found.merging(reader.pairs(value["environment"], "environment of \(name)")) { $1 }
    }

    private func ports(_ value: ComposeValue, _ name: String) -> [ComposeService.Port] {
        (value["ports"]?.items ?? [])
            .compactMap { item in
                ComposeKeyTable.port.check(item, "a port of \(name)", log)
                guard
                    let target = reader.number(item["target"], "target of a port of \(name)", in: 1...65_535)
                else { return nil }
                return ComposeService.Port(
                    target: target,
                    published: reader.number(
                        item["published"],
                        "published of a port of \(name)",
                        in: 1...65_535,
                    ),
                    isHTTP: (item["protocol"]?.text ?? "tcp") == "tcp",
                    place: item.place,
                )
            }
    }

    private func check(_ value: ComposeValue, _ name: String) -> ContainerCheck? {
        guard let check = value["healthcheck"], !check.isNull else { return nil }
        ComposeKeyTable.healthcheck.check(check, "healthcheck of \(name)", log)
        if reader.truth(check["disable"], "disable of healthcheck") == true {
            return ContainerCheck(test: ["NONE"])
        }
        return ContainerCheck(
            test: test(check["test"], name),
            interval: reader.duration(check["interval"], "interval of healthcheck"),
            timeout: reader.duration(check["timeout"], "timeout of healthcheck"),
            retries: reader.number(check["retries"], "retries of healthcheck", in: 0...1000),
            startPeriod: reader.duration(check["start_period"], "start_period of healthcheck"),
            startInterval: reader.duration(check["start_interval"], "start_interval of healthcheck"),
        )
    }

    private func test(_ value: ComposeValue?, _ name: String) -> [String]? {
        guard let value, !value.isNull else { return nil }
        if let line = value.text { return line == "NONE" ? ["NONE"] : ["CMD-SHELL", line] }
        let words = reader.texts(value, "test of healthcheck")
        guard let first = words.first, ["NONE", "CMD", "CMD-SHELL"].contains(first) else {
            log.report(
                value.place,
                "the healthcheck of \(name) does not begin with CMD, CMD-SHELL or NONE",
                hint: "write [CMD, …]",
            )
            return nil
        }
        return words
    }

    private func dependencies(_ value: ComposeValue, _ name: String) -> [ContainerDependency] {
        guard let depends = value["depends_on"] else { return [] }
        let services = file["services"]?.entries.map(\.key) ?? []
        return depends.entries.compactMap { entry in
            let isOptional = reader.truth(entry.value["required"], "required of depends_on") == false
            guard services.contains(entry.key) else {
                if !isOptional {
                    log.report(
                        entry.place,
                        "\(name) depends on \(entry.key), and there is no such service",
                        hint: entry.key.notFoundHint(among: services, called: "service"),
                    )
                }
                return nil
            }
            let text = entry.value["condition"]?.text ?? ContainerDependency.Condition.started.rawValue
            guard let condition = ContainerDependency.Condition(rawValue: text) else {
                let known = ContainerDependency.Condition.allCases.map(\.rawValue).alternatives
                log.report(
                    entry.place,
                    "\(name) waits for \(entry.key) to be '\(text)'",
                    hint: "write \(known)",
                )
                return nil
            }
            return ContainerDependency(name: entry.key, condition: condition, isOptional: isOptional)
        }
    }

    private func restart(
        _ value: ComposeValue,
        _ deploy: Deploy,
        _ name: String,
    ) -> ContainerManifest.Restart {
        if let condition = deploy.value?["restart_policy"]?["condition"]?.text {
            return condition == "none" ? .no : condition == "on-failure" ? .onFailure : .always
        }
        guard let text = reader.text(value["restart"], "restart of \(name)") else { return .always }
        switch text.split(separator: ":").first ?? "" {
        case "no": return .no
        case "on-failure": return .onFailure
        case "always", "unless-stopped": return .always
        default:
            return value["restart"]
                .flatMap {
                    reader.refuse($0, "restart of \(name)", "always, unless-stopped, on-failure or no")
                }
                ?? .always
        }
    }

    private func privileges(_ value: ComposeValue, _ name: String) -> ContainerPrivileges {
        ContainerPrivileges(
            user: reader.text(value["user"], "user of \(name)"),
            groups: reader.texts(value["group_add"], "group_add of \(name)"),
            addedCapabilities: reader.texts(value["cap_add"], "cap_add of \(name)"),
            droppedCapabilities: reader.texts(value["cap_drop"], "cap_drop of \(name)"),
            securityOptions: reader.texts(value["security_opt"], "security_opt of \(name)"),
            isReadOnly: reader.truth(value["read_only"], "read_only of \(name)") ?? false,
        )
    }

    private func resources(_ value: ComposeValue, _ deploy: Deploy, _ name: String) -> ContainerResources {
        let limits = (value["ulimits"]?.entries ?? [])
            .compactMap { entry -> ContainerResources.ProcessLimit? in
                guard
                    let soft = reader.number(
                        entry.value["soft"],
                        "\(entry.key) of \(name)",
                        in: -1...Int.max - 1,
                    ),
                    let hard = reader.number(
                        entry.value["hard"],
                        "\(entry.key) of \(name)",
                        in: -1...Int.max - 1,
                    )
                else { return nil }
                return .init(name: entry.key, soft: soft, hard: hard)
            }
        return ContainerResources(
            millicores: reader.millicores(deploy.limits?["cpus"] ?? value["cpus"], "cpus of \(name)"),
            weight: reader.number(value["cpu_shares"], "cpu_shares of \(name)", in: 2...262_144),
            memoryReservation: reader.size(
                deploy.reservations?["memory"] ?? value["mem_reservation"],
                "the reservation of memory of \(name)",
            ),
            processes:
                reader.number(
                    deploy.limits?["pids"] ?? value["pids_limit"],
                    "pids of \(name)",
                    in: -1...1_000_000,
                )
                .flatMap { $0 > 0 ? $0 : nil },
            sharedMemory: reader.size(value["shm_size"], "shm_size of \(name)"),
            limits: limits,
        )
    }

    /// `deploy:`, and the two parts of it that most files use.
    private struct Deploy {
        let value: ComposeValue?
        var limits: ComposeValue? { value?["resources"]?["limits"] }
        var reservations: ComposeValue? { value?["resources"]?["reservations"] }
    }

    private func deploy(_ value: ComposeValue, _ name: String) -> Deploy {
        let deploy = Deploy(value: value["deploy"])
        guard let found = deploy.value else { return deploy }
        ComposeKeyTable.deploy.check(found, "deploy of \(name)", log)
        for resources in [deploy.limits, deploy.reservations].compactMap({ $0 }) {
            ComposeKeyTable.resources.check(resources, "resources of \(name)", log)
        }
        if let mode = found["mode"], let text = mode.text, text != "replicated" {
            log.report(
                mode.place,
                "\(name) is to run \(text)",
                hint: "say how many replicas: mode: replicated",
            )
        }
        return deploy
    }
}
