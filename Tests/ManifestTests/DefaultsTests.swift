// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("Without a word in the file")
struct DefaultsTests {
    private let manifest: ProjectManifest

    init() throws {
        manifest = try ManifestTests.manifest(Fixture("valid", "without-environments").manifest)
    }

    @Test("there are production from main and staging from develop, with no ports")
    func environments() {
        let production = EnvironmentManifest(
            name: EnvironmentName("production"),
            branch: "main",
            strategy: .blueGreen,
            approval: ApprovalManifest(required: true),
        )
        let staging = EnvironmentManifest(name: EnvironmentName("staging"), branch: "develop")
        #expect(manifest.environments == [production, staging])
    }

    @Test("a database is named after the project")
    func database() {
        #expect(manifest.accessories.map(\.database) == ["my_shop"])
    }

    @Test("migrations belong to the only service and the only database")
    func migrations() {
        let expected = MigrationsManifest(
            tool: .sql,
            service: ServiceName("web"),
            accessory: AccessoryName("db"),
            folder: "migrations",
        )
        #expect(manifest.migrations == expected)
    }

    @Test(
        "an environment called production is careful, and another is not",
        arguments: ["production", "live"],
    )
    func carefulByName(_ name: String) throws {
        let text = "project: a\nservices: { web: { run: ./web } }\nenvironments: { \(name): {} }\n"
        let environment = try #require(try ManifestTests.manifest(text).environments.first)
        #expect(environment.approval == ApprovalManifest(required: name == "production"))
        #expect(environment.strategy == (name == "production" ? .blueGreen : .rolling))
        #expect(environment.branch == nil)
    }

    @Test("production keeps its approval when only its expiry is said")
    func partialApproval() throws {
        let environments = try ManifestTests.manifest(manifestOfEnvironment("approval: { expires: 1h }"))
            .environments
        #expect(environments.first?.approval == ApprovalManifest(required: true, expires: .seconds(3600)))
    }

    @Test("everything that is commented out has its default")
    func comments() throws {
        let manifest = try ManifestTests.manifest(Fixture("valid", "comments-for-values").manifest)
        let service = ServiceManifest(
            name: ServiceName("web"),
            program: .files(folder: "."),
            health: HealthCheckManifest(path: "/"),
        )
        #expect(manifest.services == [service])
        let production = EnvironmentManifest(
            name: EnvironmentName("production"),
            strategy: .blueGreen,
            approval: ApprovalManifest(required: true),
        )
        #expect(manifest.environments == [production])
    }
}
