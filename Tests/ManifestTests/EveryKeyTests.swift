// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("A manifest with every key")
struct EveryKeyTests {
    private let manifest: ProjectManifest

    init() throws {
        manifest = try ManifestTests.manifest(Fixture("valid", "every-key").manifest)
    }

    @Test("has a service with everything said")
    func service() {
        let expected = ServiceManifest(
            name: ServiceName("api"),
            path: "services/api",
            build: ["make all"],
            test: ["make test", "make lint"],
            buildTimeout: .seconds(3600),
            program: .command("./api --port $PORT"),
            health: HealthCheckManifest(
                path: "/healthz?full=1",
                status: 204,
                expect: ["ok": "true"],
                interval: .milliseconds(500),
                timeout: .seconds(2),
                within: .seconds(120),
                successes: 3,
            ),
            routes: ["/api", "/v1.0/things"],
            replicas: 3,
            variables: ["LOG_LEVEL": "debug"],
            limits: LimitsManifest(memory: .mebibytes(512), files: 65536, stopTimeout: .seconds(45)),
        )
        #expect(manifest.services.first == expected)
    }

    @Test("has short forms of lists and health checks")
    func shortForms() {
        #expect(manifest.services[1].program == .files(folder: "dist"))
        #expect(manifest.services[1].routes == ["/"])
        #expect(manifest.services[2].health == HealthCheckManifest(path: "/alive"))
        #expect(manifest.services[2].routes == [])
        #expect(manifest.environments[1].approval == ApprovalManifest(required: true))
    }

    @Test("has migrations with everything said")
    func migrations() {
        let expected = MigrationsManifest(
            tool: .sql,
            service: ServiceName("api"),
            accessory: AccessoryName("reports"),
            folder: "db/changes",
            moment: .beforeStart,
            timeout: .seconds(1800),
        )
        #expect(manifest.migrations == expected)
        #expect(
            manifest.accessories.map(\.kind) == [
                .postgres(major: 16), .postgres(major: 17), .redis(major: 7),
                .folder(variable: "UPLOADS_PATH"),
            ]
        )
        #expect(manifest.accessories.map(\.database) == ["shop_2", "numbers", "", ""])
    }

    @Test("has an environment with everything said")
    func environment() {
        let expected = EnvironmentManifest(
            name: EnvironmentName("production"),
            branch: "release/2.x",
            domain: "shop.example.com",
            strategy: .rolling,
            approval: ApprovalManifest(required: false, by: ["DEVELOPER"], expires: .seconds(5400)),
            ports: ["api": 8000, "pages": 3000, "db": 5432],
            replicas: ["api": 5],
            variables: ["LOG_LEVEL": "warning"],
            stability: StabilityManifest(
                window: .seconds(120),
                maxErrorRate: 0.005,
                maxP99: .milliseconds(750),
                minRequests: 100,
            ),
            smoke: [
                SmokeCheckManifest(path: "/api/version", expect: ["version": "2"]),
                SmokeCheckManifest(path: "/queue", status: 202, service: ServiceName("worker")),
            ],
            external: [SmokeCheckManifest(path: "/", status: 301)],
            backup: BackupManifest(
                before: .always,
                schedule: "*/30 1-3 * * mon-fri",
                keepDays: 7,
                keepLast: 3,
            ),
            drainTimeout: .zero,
            keepWarm: .seconds(86_400),
        )
        #expect(manifest.environments.first == expected)
    }
}
