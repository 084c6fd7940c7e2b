// SPDX-License-Identifier: Apache-2.0
import HostSystem

extension Stage {
    /// A compose project of the smallest web server that there is: what it answers is a file of its image.
    struct Compose: Sendable {
        var strategy = "blue-green"
        var replicas = 1
        var approval = false
        var window = "1s"
        /// More of the service `web` in the compose file, each line six spaces deep.
        var web = ""
        /// More services, each line two spaces deep.
        var services = ""
        /// The end of the compose file.
        var rest = ""
        /// More of `web` in `opshub.yml`.
        var addition = ""

        func opshub(_ ports: Ports) -> String {
            """
            project: app
            compose: docker-compose.yml
            services:
              web: { health: { path: /health, within: 20s, interval: 100ms }, limits: { stop_timeout: 3s }\(addition) }
            environments:
              production:
                branch: main
                domain: app.localhost
                strategy: \(strategy)
                approval: \(approval)
                ports: { web: \(ports.app) }
                replicas: { web: \(replicas) }
                smoke: [{ get: /version }]
                stability: { window: \(window) }
                drain_timeout: 10s
                keep_warm: 5m
            """
        }

        var compose: String {
            """
            services:
              web:
                build: .
                ports: ["8000:8000"]
                mem_limit: 128m
            \(web)
            \(services)
            \(rest)
            """
        }

        /// A server of the files in its image, which keeps connections open and ends what it has begun.
        static func dockerfile(version: String) -> String {
            """
            FROM opshub-test/busybox:1
            COPY docker-compose.yml /srv/compose
            RUN mkdir -p /srv && echo '{ "version": "\(version)" }' > /srv/version && echo ok > /srv/health && echo hello > /srv/index.html
            CMD ["httpd", "-f", "-p", "8000", "-h", "/srv"]
            """
        }
    }

    /// The container engine of tests.
    static func engine() async throws -> String {
        let started = try await ProgramRunner()
            .run(Program("\(package)/script/test-engine", ["start"], deadline: .seconds(60)))
            .checked(doing: "starting the engine of tests")
        return String(started.output.dropLast())
    }

    /// Docker's own command line against it.
    func docker(_ arguments: String...) async throws -> ProgramResult {
        try await runner.run(Program("/usr/bin/docker", ["-H", try await Self.engine()] + arguments))
    }

    /// Runs `body` on a stage with a compose project, and removes all that it left on the engine.
    static func composed(_ compose: Compose, _ body: (Stage) async throws -> Void) async throws {
        _ = try await engine()
        var manifest = Manifest()
        manifest.compose = compose
        try await with(manifest, body)
    }

    /// Pushes a release that answers another version.
    func pushImage(version: String, wait: Bool = true) async throws -> ProgramResult {
        try await push(
            ["Dockerfile": Compose.dockerfile(version: version)],
            wait: wait,
            subject: "version \(version)",
        )
    }

    /// Everything that this stage's home has on the engine goes: containers, networks, volumes, images.
    func clearEngine() async throws {
        guard let identity = try FileContent.text(of: "\(home)/identity")?.prefix(6), !identity.isEmpty else {
            return
        }
        let label = "label=dev.opshub.home=\(identity)"
        for (list, remove) in [
            (["ps", "-aq"], ["rm", "-fv"]), (["network", "ls", "-q"], ["network", "rm"]),
            (["volume", "ls", "-q"], ["volume", "rm", "-f"]), (["images", "-q"], ["rmi", "-f"]),
        ] {
            let found = try await runner.run(
                Program("/usr/bin/docker", ["-H", try await Self.engine()] + list + ["--filter", label])
            )
            let names = Set(found.output.split(separator: "\n").map(String.init))
            guard !names.isEmpty else { continue }
            _ = try await runner.run(
                Program("/usr/bin/docker", ["-H", try await Self.engine()] + remove + names.sorted())
            )
        }
    }
}
