// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("The example of the product description")
struct ProductManifestTests {
    private let manifest: ProjectManifest

    init() throws {
        manifest = try ManifestTests.manifest(Fixture("valid", "product").manifest)
    }

    @Test("has a backend that is built, tested and run by commands")
    func backend() throws {
        let expected = ServiceManifest(
            name: ServiceName("backend"),
            path: "backend",
            build: ["python3 -m venv .venv", ".venv/bin/pip install -r requirements.txt"],
            test: [".venv/bin/pytest -q"],
            program: .command(".venv/bin/uvicorn app.main:app --host 127.0.0.1 --port $PORT"),
            health: HealthCheckManifest(path: "/health", expect: ["status": "healthy"]),
            routes: ["/api"],
        )
        #expect(manifest.services.first == expected)
    }

    @Test("has a frontend of files, asked for its first page")
    func frontend() throws {
        let expected = ServiceManifest(
            name: ServiceName("frontend"),
            path: "frontend",
            program: .files(folder: "dist"),
            health: HealthCheckManifest(path: "/"),
            routes: ["/"],
        )
        #expect(manifest.services.last == expected)
        #expect(manifest.services.count == 2)
    }

    @Test("has a database, and migrations of it")
    func database() {
        let database = AccessoryName("db")
        let expected = AccessoryManifest(name: database, kind: .postgres(major: 15), database: "tracehub")
        #expect(manifest.accessories == [expected])
        let migrations = MigrationsManifest(
            tool: .alembic,
            service: ServiceName("backend"),
            accessory: database,
            folder: ".",
            moment: .afterHealth,
            timeout: .seconds(300),
        )
        #expect(manifest.migrations == migrations)
    }

    @Test("has a careful production")
    func production() {
        let expected = EnvironmentManifest(
            name: EnvironmentName("production"),
            branch: "main",
            domain: "tracehub.example.com",
            strategy: .blueGreen,
            approval: ApprovalManifest(required: true, by: ["OWNER", "MAINTAINER"]),
            ports: ["backend": 8000, "frontend": 3000, "db": 5432],
            stability: StabilityManifest(window: .seconds(30), maxErrorRate: 0.01, maxP99: .seconds(2)),
            smoke: [SmokeCheckManifest(path: "/api/shipments")],
            backup: BackupManifest(schedule: "0 2 * * *", keepDays: 30, keepLast: 10),
        )
        #expect(manifest.environment(EnvironmentName("production")) == expected)
    }

    @Test("has a staging with defaults")
    func staging() {
        let expected = EnvironmentManifest(
            name: EnvironmentName("staging"),
            branch: "develop",
            domain: "staging.tracehub.example.com",
            ports: ["backend": 8100, "frontend": 3100, "db": 5532],
        )
        #expect(manifest.environments.last == expected)
        #expect(manifest.environments.count == 2)
        #expect(manifest.project == ProjectName("tracehub"))
    }
}
