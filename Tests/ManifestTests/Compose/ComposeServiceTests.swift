// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Manifest

@Suite("A service of a compose file")
struct ComposeServiceTests {
    @Test("is read with all that it says")
    func everything() async throws {
        let service = try await ComposeCase(
            """
            services:
              web:
                build:
                  context: ./web
                  dockerfile: docker/Dockerfile
                  target: final
                  args: { VERSION: 3, EMPTY: "" }
                command: sh -c 'echo "a b" && run'
                entrypoint: ["/entry", "x"]
                environment:
                  - A=1
                  - B=with=sign
                ports: ["8000:80"]
                volumes:
                  - data:/data
                  - ./conf/nginx.conf:/etc/nginx.conf:ro
                  - type: tmpfs
                    target: /cache
                    tmpfs: { size: 64m, mode: "1777" }
                  - /anonymous
                tmpfs: /run:size=1m
                networks:
                  front: { aliases: [www] }
                healthcheck:
                  test: ["CMD", "check"]
                  interval: 1m30s
                  timeout: 500ms
                  retries: 5
                  start_period: 2s
                deploy:
                  replicas: 3
                  resources:
                    limits: { cpus: "0.5", memory: 256M, pids: 100 }
                    reservations: { memory: 64m }
                restart: on-failure:3
                labels: { a.b: c }
                extra_hosts: ["db:10.0.0.1", "cache=10.0.0.2"]
                ulimits: { nofile: { soft: 10, hard: 20 }, nproc: 5 }
                cap_add: [NET_ADMIN]
                cap_drop: [ALL]
                user: "1000:1000"
                read_only: true
                init: true
                stop_signal: SIGINT
                stop_grace_period: 45s
                working_dir: /srv
                hostname: web
                shm_size: 128m
            networks: { front: { internal: true } }
            volumes: { data: }
            """
        )
        .service("web")
        let container = try #require(service.container)
        let build = ImageBuildManifest(
            context: "web",
            dockerfile: "docker/Dockerfile",
            target: "final",
            arguments: ["VERSION": "3", "EMPTY": ""],
        )
        #expect(container.image == .built(build))
        #expect(container.command == ["sh", "-c", "echo \"a b\" && run"])
        #expect(container.entrypoint == ["/entry", "x"])
        #expect(container.port == 80)
        #expect(service.variables == ["A": "1", "B": "with=sign"])
        #expect(service.routes == ["/"])
        #expect(
            container.mounts == [
                ContainerMount(.volume("data"), at: "/data"),
                ContainerMount(.release(path: "conf/nginx.conf"), at: "/etc/nginx.conf", isReadOnly: true),
                ContainerMount(.memory(size: .mebibytes(64), mode: "1777"), at: "/cache"),
                ContainerMount(.anonymous, at: "/anonymous"),
                ContainerMount(.memory(size: .mebibytes(1), mode: nil), at: "/run"),
            ]
        )
        #expect(container.networks == [ContainerNetwork(name: "front", aliases: ["www"], isInternal: true)])
        #expect(
            container.check
                == ContainerCheck(
                    test: ["CMD", "check"],
                    interval: .seconds(90),
                    timeout: .milliseconds(500),
                    retries: 5,
                    startPeriod: .seconds(2),
                )
        )
        #expect(service.replicas == 3)
        #expect(service.limits.memory == .mebibytes(256))
        #expect(service.limits.stopTimeout == .seconds(45))
        #expect(
            container.resources
                == ContainerResources(
                    millicores: 500,
                    memoryReservation: .mebibytes(64),
                    processes: 100,
                    sharedMemory: .mebibytes(128),
                    limits: [
                        .init(name: "nofile", soft: 10, hard: 20), .init(name: "nproc", soft: 5, hard: 5),
                    ],
                )
        )
        #expect(
            container.privileges
                == ContainerPrivileges(
                    user: "1000:1000",
                    addedCapabilities: ["NET_ADMIN"],
                    droppedCapabilities: ["ALL"],
                    isReadOnly: true,
                )
        )
        #expect(container.restart == .onFailure)
        #expect(container.extraHosts == ["db:10.0.0.1", "cache:10.0.0.2"])
        #expect(container.labels == ["a.b": "c"])
        #expect(container.hasInit)
        #expect(container.stopSignal == "SIGINT")
        #expect(container.workingDirectory == "/srv")
        #expect(container.hostname == "web")
    }

    @Test(
        "publishes a port in every form that there is",
        arguments: [
            ("\"80\"", 80, nil), ("\"8000:80\"", 80, 8000), ("\"127.0.0.1:8000:80\"", 80, 8000),
            ("\"[::1]:8000:80\"", 80, 8000), ("\"8000-8001:80-81\"", 80, 8000),
            ("\"8000:80/tcp\"", 80, 8000),
            ("8080", 8080, nil), ("{ target: 80, published: \"8000\", mode: host }", 80, 8000),
        ] as [(String, Int, Int?)],
    )
    func ports(_ text: String, _ inside: Int, _ outside: Int?) async throws {
        let compose = ComposeCase("services: { web: { image: a:1, ports: [\(text)] } }")
        #expect(try await compose.service("web").container?.port == inside)
        let manifest = try await compose.reading().get()
        #expect(manifest.environments[0].ports["web"] == outside)
    }

    @Test(
        "is told where a value is none",
        arguments: [
            ("ports: [\"80:x\"]", "'80:x' is no port"),
            ("mem_limit: lots", "the memory of web is 'lots', and a size"),
            ("healthcheck: { interval: soon }", "interval of healthcheck is 'soon', and a duration"),
            ("command: \"a 'b\"", "a command with quotes that end"),
            ("replicas: 3", "web has the unknown key 'replicas'"),
            ("privileged: true", "'privileged' of web is not supported"),
            ("network_mode: host", "web is to have the network of the machine"),
            ("volumes: [\"/var/run/docker.sock:/s\"]", "web would be root of this machine"),
            ("volumes: [\"gone:/data\"]", "there is no volume gone"),
            ("networks: [gone]", "there is no network gone"),
            ("depends_on: [gone]", "web depends on gone, and there is no such service"),
            ("volumes: [\"./data:/data\"]", "web writes to data, which is part of the release"),
            ("volumes: [\"../x:/data\"]", "../x leads out of the repository"),
            ("env_file: .env.prod", "the repository has no .env.prod"),
            ("healthcheck: { test: [curl, x] }", "does not begin with CMD, CMD-SHELL or NONE"),
            ("secrets: [key]", "there is no secret key"),
            ("deploy: { mode: global }", "web is to run global"),
            ("labels: !secret x", "the tag !secret is not known here"),
            ("depends_on: { web: { condition: soon } }", "to be 'soon'"),
        ],
    )
    func mistakes(_ text: String, _ expected: String) async throws {
        let found = try await ComposeCase("services: { web: { image: a:1, \(text) } }").mistakes()
        #expect(
            found.contains { $0.contains(expected) && $0.hasPrefix("docker-compose.yml:1:") },
            "\(found)",
        )
    }

    @Test("is told what of it is not used, with what follows")
    func unused() async throws {
        let compose = ComposeCase(
            """
            version: "3.9"
            services:
              web:
                image: nginx
                container_name: shop-web
                ports: ["80"]
                logging: { driver: syslog }
                platform: linux/arm64
            x-own: anything
            """
        )
        #expect(try await compose.mistakes() == [])
        let remarks = try await compose.remarks()
        for text in [
            "docker-compose.yml:1:1: 'version' of the file is not used",
            ":4:12: web has the image nginx, which is another one every so often",
            ":5:21: the container of web is not called shop-web: two releases run side by side",
            ":7:5: 'logging' of web is not used: OpsHub keeps every log",
            ":8:5: 'platform' of web is not used",
            ":3:3: web has no health check", ":3:3: web has no limit on memory, and gets 1.0 GiB",
        ] {
            #expect(remarks.contains { $0.contains(text) }, "\(text) in \(remarks)")
        }
        #expect(remarks.count == 7)
        #expect(try await compose.service("web").container?.networks[0].aliases == ["shop-web"])
    }
}
