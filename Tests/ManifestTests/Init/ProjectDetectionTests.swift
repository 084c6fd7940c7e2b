// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import Manifest
import Testing

@Suite("A repository without opshub.yml")
struct ProjectDetectionTests {
    @Test("gets one that says what was found", arguments: try Fixture.all("repositories"))
    func golden(_ fixture: Fixture) throws {
        let template = ManifestTemplate(project: ProjectName("shop"), detection: try detection(of: fixture))
        #expect(template.text == (try fixture.manifest))
    }

    @Test("gets one without a mistake, whatever it holds", arguments: try Fixture.all("repositories"))
    func parses(_ fixture: Fixture) throws {
        let detection = try detection(of: fixture)
        let text = ManifestTemplate(project: ProjectName("my-shop"), detection: detection, branch: "develop")
            .text
        let manifest = try manifest(text)
        #expect(manifest.services.count == max(1, detection.services.count))
        #expect(manifest.migrations?.folder == detection.migrations?.folder)
        #expect(manifest.environments.map(\.branch) == ["develop", "staging"])
    }

    @Test("gets one that means what was found", arguments: try Fixture.all("repositories"))
    func meaning(_ fixture: Fixture) throws {
        let detection = try detection(of: fixture)
        let manifest = try manifest(fixture.manifest)
        for (service, found) in zip(manifest.services, detection.services) {
            #expect(service.name == found.name)
            #expect(service.path == found.path)
            #expect(service.build == found.build)
            #expect(service.test == found.test)
            #expect(service.program == found.program)
            #expect(service.routes == found.routes)
            #expect(service.health.expect == found.health?.expect ?? [:])
        }
        #expect(manifest.accessories.map(\.kind) == detection.postgres.map { [.postgres(major: $0)] } ?? [])
    }

    @Test("is not looked at where dependencies and caches are")
    func ignored() {
        let folders = ["node_modules/vite", ".venv/lib", "vendor/a", "__pycache__", ".git"]
        let tree = FileTree(paths: folders.map { "\($0)/package.json" }) { _ in
            #"{ "scripts": { "start": "node ." } }"#
        }
        #expect(tree.paths == [])
        #expect(ProjectDetection(of: tree).services == [])
    }

    @Test(
        "may have files that can't be read or make no sense",
        arguments: [nil, "", "{", "[]", "\u{0}", "services: *a"],
    )
    func unreadable(_ text: String?) throws {
        let paths = [
            "package.json", "docker-compose.yml", "pyproject.toml", "a/package.json", "b/Dockerfile",
            "manage.py",
        ]
        let detection = ProjectDetection(of: FileTree(paths: paths) { _ in text })
        #expect(detection.services == [])
        let template = ManifestTemplate(project: ProjectName("shop"), detection: detection).text
        #expect(try manifest(template).services.map(\.name.rawValue) == ["app"])
    }

    @Test(
        "needs the PostgreSQL that its drivers and settings ask for",
        arguments: [
            ("requirements.txt", "psycopg[binary]==3.2", 15), ("requirements/base.txt", "asyncpg", nil),
            ("pyproject.toml", "dependencies = [\"asyncpg>=0.29\"]", 15),
            ("package.json", #"{"dependencies":{"pg":"8"}}"#, 15),
            ("package.json", #"{"dependencies":{"page":"8"}}"#, nil),
            (".env.example", "DATABASE_URL=postgresql://x/y", 15),
            (".env.example", "DATABASE_URL=mysql://x/y", nil),
            ("compose.yml", "services: { d: { image: 'postgres:17.2' } }", 17),
            ("compose.yml", "services: { d: { image: postgres } }", 15),
            ("compose.yml", "services: { d: { image: 'postgres:9.6' } }", 15),
            ("compose.yml", "services: { d: { image: 'mysql:8' } }", nil),
        ] as [(String, String, Int?)],
    )
    func databases(_ path: String, _ text: String, _ major: Int?) {
        let detection = ProjectDetection(of: FileTree(paths: [path]) { _ in text })
        #expect(detection.postgres == major)
    }

    private func detection(of fixture: Fixture) throws -> ProjectDetection {
        let folder = fixture.folder.appending(component: "files")
        let paths = try fixture.files(below: "files")
        return ProjectDetection(
            of: FileTree(paths: paths) { path in
                FileManager.default.contents(atPath: folder.appending(path: path).path)
                    .map { String(decoding: $0, as: UTF8.self) }
            }
        )
    }
}
