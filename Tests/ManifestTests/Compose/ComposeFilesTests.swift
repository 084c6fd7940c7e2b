// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Manifest

@Suite("Compose files of a project")
struct ComposeFilesTests {
    @Test("are laid over each other, commands as wholes, ports and volumes by what makes them one")
    func merged() async throws {
        let compose = ComposeCase(
            """
            services:
              web:
                image: web:1
                command: [a, b]
                environment: { A: base, B: base }
                ports: ["8000:80"]
                volumes: ["one:/data", "two:/other"]
                dns_search: []
                cap_add: [X]
            volumes: { one: , two: , three: }
            """,
            manifest: "project: shop\ncompose: [docker-compose.yml, deploy/prod.yml]\n",
            files: [
                "deploy/prod.yml": """
                services:
                  web:
                    command: [c]
                    environment: ["B=over", "C=over"]
                    ports: !override ["9000:80"]
                    volumes: ["three:/data:ro"]
                    cap_add: [Y]
                  worker:
                    image: web:1
                    env_file: worker.env
                """,
                "worker.env": "FROM_FILE=yes\nA=file",
            ],
        )
        let web = try await compose.service("web")
        #expect(web.container?.command == ["c"])
        #expect(web.variables == ["A": "base", "B": "over", "C": "over"])
        #expect(
            web.container?.mounts == [
                ContainerMount(.volume("three"), at: "/data", isReadOnly: true),
                ContainerMount(.volume("two"), at: "/other"),
            ]
        )
        #expect(web.container?.privileges.addedCapabilities == ["X", "Y"])
        #expect(try await compose.reading().get().environments[0].ports == ["web": 9000])
        #expect(try await compose.service("worker").variables == ["FROM_FILE": "yes", "A": "file"])
    }

    @Test("have services that extend others, of other files too, and anchors")
    func extended() async throws {
        let compose = ComposeCase(
            """
            x-common: &common
              restart: always
              environment: &env { LEVEL: info }
            services:
              base:
                <<: *common
                image: app:1
                labels: { a: "1" }
              web:
                extends: base
                command: web
                ports: ["80"]
                environment: { <<: *env, MODE: web }
              worker:
                extends: { service: common, file: shared/common.yml }
                command: worker
            """,
            files: [
                "shared/common.yml": """
                services:
                  common: { extends: root, environment: { FROM: common } }
                  root: { build: ./app, env_file: [vars.env] }
                """,
                "shared/vars.env": "X=1",
            ],
        )
        let web = try await compose.service("web")
        #expect(web.container?.image == .named("app:1"))
        #expect(web.container?.command == ["web"])
        #expect(web.container?.labels == ["a": "1"])
        #expect(web.variables == ["LEVEL": "info", "MODE": "web"])
        let worker = try await compose.service("worker")
        #expect(worker.container?.image == .built(ImageBuildManifest(context: "shared/app")))
        #expect(worker.variables == ["FROM": "common", "X": "1"])
    }

    @Test("that extend themselves, or what is not there, are told")
    func extendsNothing() async throws {
        let circle = ComposeCase("services: { a: { extends: b }, b: { extends: a, image: x:1 } }")
        #expect(try await circle.mistakes().contains { $0.contains("extends itself, by way of others") })
        let nothing = ComposeCase("services: { a: { extends: bases, image: x:1 }, base: { image: x:1 } }")
        #expect(
            try await nothing.mistakes()
                .contains { $0.contains("'extends' names bases") && $0.contains("did you mean 'base'?") }
        )
        let file = ComposeCase("services: { a: { extends: { service: b, file: none.yml } } }")
        #expect(try await file.mistakes().contains { $0.contains("the repository has no none.yml") })
    }

    @Test("have services only where one of their profiles is on")
    func profiles() async throws {
        let text = "services: { a: { image: x:1, ports: [80] }, b: { image: x:1, profiles: [debug] } }"
        #expect(try await ComposeCase(text).reading().get().services.map(\.name.rawValue) == ["a"])
        let on = "project: shop\ncompose: { files: docker-compose.yml, profiles: [debug] }\n"
        #expect(
            try await ComposeCase(text, manifest: on).reading().get().services.map(\.name.rawValue) == [
                "a", "b",
            ]
        )
    }

    @Test("are each environment's own, with its variables and those of .env")
    func environments() async throws {
        let compose = ComposeCase(
            "services: { web: { image: \"web:${TAG}\", ports: [80], environment: { MODE: $MODE, NAME: $COMPOSE_PROJECT_NAME } } }",
            manifest: """
                project: shop
                compose: docker-compose.yml
                environments:
                  production: { branch: main, env: { MODE: live } }
                  staging: { branch: develop, compose: [docker-compose.yml, staging.yml], env: { TAG: "9" } }
                """,
            files: [".env": "TAG=7\nMODE=file", "staging.yml": "services: { extra: { image: x:1 } }"],
        )
        let live = try await compose.service("web")
        #expect(live.container?.image == .named("web:7"))
        #expect(live.variables == ["MODE": "live", "NAME": "shop"])
        let staging = try await compose.service("web", for: "staging")
        #expect(staging.container?.image == .named("web:9"))
        #expect(staging.variables["MODE"] == "file")
        _ = try await compose.service("extra", for: "staging")
    }

    @Test("become services and accessories, with what opshub.yml adds")
    func adopted() async throws {
        let manifest = try await ComposeCase(
            """
            services:
              web_app:
                build: .
                depends_on: { db: { condition: service_healthy }, worker: { condition: service_started } }
                expose: ["8000"]
                volumes: ["uploads:/uploads"]
              worker: { image: "web:1", healthcheck: { test: "true" } }
              db: { image: "docker.io/library/postgres:15-alpine", volumes: ["data:/var/lib/postgresql/data"], ports: ["5432:5432"] }
              files: { image: "acme/files:2", volumes: ["uploads:/data"] }
              search: { image: "acme/search:2", volumes: ["index:/data"] }
            volumes: { data: , uploads: , index: }
            """,
            manifest: """
                project: shop
                compose: docker-compose.yml
                services:
                  web-app: { health: /health, routes: [/], env: { A: "1" }, limits: { memory: 2G }, replicas: 2 }
                  search: { accessory: false }
                """,
        )
        .reading()
        let read = try manifest.get()
        #expect(
            read.services.map(\.name.rawValue) == ["worker", "web-app", "search"],
            "in the order of what they wait for",
        )
        #expect(read.accessories.map(\.name.rawValue) == ["db", "files"])
        let web = read.services[1]
        #expect(web.container?.port == 8000)
        #expect(web.health == HealthCheckManifest(path: "/health"))
        #expect(web.replicas == 2)
        #expect(web.variables == ["A": "1"])
        #expect(web.limits.memory == .mebibytes(2048))
        #expect(web.container?.networks == [ContainerNetwork(aliases: ["web_app"], hasAccessories: true)])
        #expect(web.container?.dependencies == [ContainerDependency(name: "worker", condition: .started)])
        #expect(web.probe?.path == "/health")
        #expect(read.services[0].probe == nil, "it has no port")
        let remarks = manifest.remarks.map(\.description)
        #expect(
            remarks.contains {
                $0.contains("the volume uploads is written to by two releases of web_app at once")
            }
        )
        #expect(remarks.contains { $0.contains("port 5432 of db is not published") })
        #expect(!remarks.contains { $0.contains("worker has no health check") })
    }

    @Test("that don't fit are told: names, ports, circles, and what opshub.yml adds to nothing")
    func unfit() async throws {
        let found = try await ComposeCase(
            """
            services:
              a: { image: "x:1", ports: ["80:80"], depends_on: [b] }
              b: { image: "x:1", ports: ["80:80"], depends_on: [a] }
              c_d: { image: "x:1" }
              c-d: { image: "x:1" }
            """,
            manifest:
                "project: shop\ncompose: docker-compose.yml\nservices: { aa: { routes: [/] }, b: { run: ./b } }\n",
        )
        .mistakes()
        for text in [
            "docker-compose.yml:3:30: b and a both publish port 80",
            "docker-compose.yml:2:3: a and b wait for each other",
            "docker-compose.yml:5:3: c-d and c_d would both be called c-d",
            "opshub.yml:3:13: no compose file has a service aa for production",
            "services.b has 'run', and compose files say what runs",
        ] {
            #expect(found.contains { $0.contains(text) }, "\(text) in \(found.joined(separator: "\n"))")
        }
    }

    @Test("of which one has the image that another builds run what was built")
    func sharedBuild() async throws {
        let text =
            "services: { web: { build: ., image: acme-app, ports: [80] }, worker: { image: acme-app } }"
        #expect(
            try await ComposeCase(text).service("worker").container?.image == .built(ImageBuildManifest())
        )
    }

    @Test("replace volumes, secrets and configs of those before them as wholes, and say nothing twice")
    func replaced() async throws {
        let compose = ComposeCase(
            """
            services:
              web:
                image: x:1
                ports: [80]
                tmpfs: [/run]
                volumes: ["./src:/src:ro", "data:/data"]
                secrets: [{ source: dev, target: cert, mode: 0o440 }]
            volumes: { code: , data: }
            secrets: { dev: { file: a }, prod: { environment: CERT } }
            """,
            manifest: "project: shop\ncompose: [docker-compose.yml, prod.yml]\n",
            files: [
                "prod.yml": """
                services:
                  web:
                    tmpfs: /run
                    volumes: ["code:/src", "/data"]
                    secrets: [{ source: prod, target: cert, mode: "0400" }]
                """
            ],
        )
        let grant = ContainerMount.Source.file(
            content: .variable("CERT"),
            mode: "400",
            owner: nil,
            group: nil,
        )
        #expect(
            try await compose.service("web").container?.mounts == [
                ContainerMount(.volume("code"), at: "/src"), ContainerMount(.anonymous, at: "/data"),
                ContainerMount(.memory(size: nil, mode: nil), at: "/run"),
                ContainerMount(grant, at: "/run/secrets/cert", isReadOnly: true),
            ]
        )
    }

    @Test("give a service the variables that it names, and the environment's only put them into texts")
    func variables() async throws {
        let web = try await ComposeCase(
            "services: { web: { image: x:1, ports: [80], environment: { URL: \"https://${URL}/\", LISTED: } } }",
            manifest: """
                project: shop
                compose: docker-compose.yml
                environments: { production: { env: { URL: shop.example.com, LISTED: "1", OTHER: "2" } } }
                """,
        )
        .service("web")
        #expect(web.variables == ["URL": "https://shop.example.com/", "LISTED": "1"])
        #expect(web.takesEnvironment == false)
    }

    @Test("publish a port for one environment of the server, and for none that has a domain")
    func sharedPorts() async throws {
        let text = "services: { web: { image: x:1, ports: [\"8000:80\"] } }"
        func manifest(_ staging: String) -> String {
            """
            project: shop
            compose: docker-compose.yml
            environments:
              production: { branch: main }
              staging: { branch: develop\(staging) }
            """
        }
        let both = ComposeCase(text, manifest: manifest(""))
        let reading = try await ManifestParser.read(bytes: Array(both.manifest.utf8)) {
            both.files[$0].map { Array($0.utf8) }
        }
        #expect(
            reading.diagnostics.map(\.description)
                .contains { $0.contains("staging and production both publish port 8000 of web") }
        )
        for other in [", domain: s.example.com", ", ports: { web: 8100 }"] {
            let one = ComposeCase(text, manifest: manifest(other))
            let reading = try await ManifestParser.read(bytes: Array(one.manifest.utf8)) {
                one.files[$0].map { Array($0.utf8) }
            }
            #expect(reading.diagnostics.isEmpty, "\(reading.diagnostics)")
        }
    }

    @Test("in which nothing answers are refused, for nothing could be switched")
    func silent() async throws {
        let found = try await ComposeCase("services: { bot: { image: x:1 } }").mistakes()
        #expect(found.first?.contains("no service of production answers on a port") == true, "\(found)")
    }

    @Test("have routes only to services with a port")
    func routesToNowhere() async throws {
        let manifest = "project: shop\ncompose: docker-compose.yml\nservices:\n  a: { routes: [/] }\n"
        let found = try await ComposeCase("services: { a: { image: x:1 } }", manifest: manifest).mistakes()
        #expect(
            found.first?.hasPrefix("opshub.yml:4:8: services.a has routes, and a has no port") == true,
            "\(found)",
        )
    }

    @Test("that can't be read say why")
    func unreadable() async throws {
        let gone = ComposeCase("", manifest: "project: shop\ncompose: other.yml\n")
        #expect(
            try await gone.mistakes() == [
                "opshub.yml:2:10: the repository has no other.yml (is it committed? git ls-files other.yml)"
            ]
        )
        #expect(
            try await ComposeCase("services: [").mistakes().first?.hasPrefix("docker-compose.yml:") == true
        )
        #expect(
            try await ComposeCase("- a").mistakes().first?.contains("a compose file is a mapping") == true
        )
        #expect(
            try await ComposeCase("services: {}").mistakes().first?.contains("have no service for production")
                == true
        )
    }
}
