// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of a service.
enum ServiceKeys {
    private static let standard = ServiceManifest(name: ServiceName("any"), program: .command(""))

    /// The key `path:`.
    static let path = StandardKey(
        "path",
        .folder,
        "The service's folder. Its commands run there.",
        standard: standard.path,
    )
    /// The key `build:`.
    static let build = ManifestKey(
        "build",
        .oneOrMore(.command, expected: "a command or a list of commands"),
        "Commands that turn the checkout into something that runs, in order.",
    )
    /// The key `test:`.
    static let test = ManifestKey(
        "test",
        .oneOrMore(.command, expected: "a command or a list of commands"),
        "Commands that must succeed before anything is deployed.",
    )
    /// The key `build_timeout:`.
    static let buildTimeout = StandardKey(
        "build_timeout",
        .duration,
        "How long each build or test command may take.",
        standard: standard.buildTimeout,
    )
    /// The key `run:`.
    static let run = ManifestKey(
        "run",
        .command,
        "The command that starts it. It listens on 127.0.0.1:$PORT.",
    )
    /// The key `static:`.
    static let files = ManifestKey(
        "static",
        .servedFolder,
        "A folder of files, below `path`, that OpsHub serves itself.",
    )
    /// The key `image:`.
    static let image = ManifestKey(
        "image",
        .words("the name of an image, such as nginx:1.27"),
        "A container image, pulled from its registry.",
    )
    /// The key `dockerfile:`.
    static let dockerfile = ManifestKey(
        "dockerfile",
        .folder,
        "A Dockerfile below `path`, from which the service's image is built.",
    )
    /// The key `port:`.
    static let port = ManifestKey(
        "port",
        .integer("a port", in: 1...65535),
        "The port that its program answers HTTP on, inside its container.",
    )
    /// The key `accessory:`.
    static let accessory = ManifestKey(
        "accessory",
        .truth,
        "Whether a compose service outlives releases. Those with images of databases, and those with images and volumes, do.",
    )
    /// The key `health:`.
    static let health = ManifestKey(
        "health",
        HealthKeys.shape(defaultPath: HealthCheckManifest().path),
        "How an instance is asked whether it is healthy.",
    )
    /// The key `health:` of a service that has `static:`.
    static let healthOfFiles = ManifestKey("health", HealthKeys.shape(defaultPath: "/"), health.about)
    /// The key `routes:`.
    static let routes = ManifestKey(
        "routes",
        .oneOrMore(.route, expected: "a path or a list of paths, such as [/api]"),
        "Path prefixes of the environment's domain that it answers. Without any it can't be reached there.",
    )
    /// The key `replicas:`.
    static let replicas = StandardKey(
        "replicas",
        .integer(in: 1...32),
        "How many instances run.",
        standard: standard.replicas,
    )
    /// The key `env:`.
    static let env = ManifestKey(
        "env",
        .variables,
        "Variables for its program, builds and migrations. No secrets.",
    )
    /// The key `limits:`.
    static let limits = ManifestKey("limits", LimitsKeys.shape, "What one instance may use.")

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { run: ./start }",
        keys: [
            path.description, build.description, test.description, buildTimeout.description, run.description,
            files.description, image.description, dockerfile.description, port.description,
            health.description, routes.description, replicas.description, env.description,
            limits.description, accessory.description,
        ],
        exactlyOne: [run.name, files.name, image.name, dockerfile.name],
        whenNone:
            "add 'run: COMMAND', 'static: FOLDER' for plain files, 'image: NAME' or 'dockerfile: Dockerfile'",
        synonyms: [
            "command": "run", "cmd": "run", "start": "run", "environment": "env", "variables": "env",
            "healthcheck": "health", "instances": "replicas", "dir": "path", "directory": "path",
            "root": "path",
            "route": "routes", "resources": "limits", "tests": "test",
        ],
    )

    /// A service, which is there for others to refer to whatever mistakes are reported in it.
    static let shape: ValueShape<ServiceManifest> = {
        var shape = ValueShape<ServiceManifest>.mapping(table) { service($0) }
        let read = shape.read
        shape.read = { node in
            read(node) ?? ServiceManifest(name: ServiceName(node.path.lastKey), program: .command(""))
        }
        return shape
    }()

    private static func service(_ fields: MappingFields) -> ServiceManifest {
        let isFiles = fields.says(files.name) && !fields.says(run.name)
        checkContainer(fields)
        return ServiceManifest(
            name: ServiceName(fields.node.path.lastKey),
            path: fields.value(path),
            build: fields.value(build) ?? [],
            test: fields.value(test) ?? [],
            buildTimeout: fields.value(buildTimeout),
            program: program(fields),
            health: fields.value(isFiles ? healthOfFiles : health)
                ?? HealthCheckManifest(path: isFiles ? "/" : "/health"),
            routes: fields.value(routes) ?? [],
            replicas: fields.value(replicas),
            variables: fields.value(env) ?? [:],
            limits: fields.value(limits) ?? LimitsManifest(),
            isAccessory: fields.value(accessory),
        )
    }

    /// What is only for containers, or only where no compose file describes the service.
    private static func checkContainer(_ fields: MappingFields) {
        let (log, path) = (fields.node.log, fields.node.path)
        if log.describesAdditions {
            for name in table.exactlyOne where fields.says(name) {
                let place = log.keyPlace(of: path.key(name))
                log.report(
                    place,
                    "\(path) has '\(name)', and compose files say what runs",
                    hint: "remove it",
                )
            }
            return
        }
        let isContainer = fields.says(image.name) || fields.says(dockerfile.name)
        if fields.says(accessory.name) {
            let place = log.keyPlace(of: path.key(accessory.name))
            log.report(
                place,
                "'accessory' is for services of compose files",
                hint: "describe it below 'accessories'",
            )
        }
        if fields.says(port.name), !isContainer {
            let place = log.keyPlace(of: path.key(port.name))
            log.report(place, "'port' is for containers", hint: "a process listens on 127.0.0.1:$PORT")
        }
        if isContainer, fields.says(routes.name), !fields.says(port.name) {
            log.report(
                fields.node.keyPlace,
                "\(path) has routes and no 'port'",
                hint: "add 'port: 8000', the one that it answers on inside",
            )
        }
    }

    private static func program(_ fields: MappingFields) -> ServiceManifest.Program {
        if fields.says(run.name) { return .command(fields.value(run) ?? "") }
        if fields.says(files.name) { return .files(folder: fields.value(files) ?? ".") }
        let inner = fields.value(port)
        if fields.says(image.name) {
            return .container(ContainerManifest(image: .named(fields.value(image) ?? ""), port: inner))
        }
        if fields.says(dockerfile.name) {
            let build = ImageBuildManifest(
                context: fields.value(path),
                dockerfile: fields.value(dockerfile) ?? "Dockerfile",
            )
            return .container(ContainerManifest(image: .built(build), port: inner))
        }
        // Only in what is added to a compose service; a mistake otherwise, and reported.
        return inner.map { .container(ContainerManifest(image: .named(""), port: $0)) } ?? .command("")
    }
}
