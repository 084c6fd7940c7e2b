// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import Manifest
import Testing

@Suite("Manifests without a mistake")
struct ValidManifestTests {
    @Test("parse without a diagnostic", arguments: try Fixture.all("valid"))
    func parse(_ fixture: Fixture) throws {
        _ = try manifest(fixture.manifest)
    }

    @Test("survive being stored as JSON", arguments: try Fixture.all("valid"))
    func roundTrip(_ fixture: Fixture) throws {
        let manifest = try manifest(fixture.manifest)
        let stored = try JSONEncoder().encode(manifest)
        #expect(try JSONDecoder().decode(ProjectManifest.self, from: stored) == manifest)
    }

    @Test("mean the same with Windows line ends and a byte order mark", arguments: try Fixture.all("valid"))
    func lineEnds(_ fixture: Fixture) throws {
        let text = try fixture.manifest
        let windows = "\u{FEFF}" + text.replacing("\n", with: "\r\n")
        #expect(try manifest(windows) == manifest(text))
    }

    @Test("mean the same in any order of top-level keys")
    func order() throws {
        let parts = [
            "migrations: { tool: sql }\n", "accessories: { db: { postgres: 15 } }\n", "project: shop\n",
            "environments: { live: { ports: { web: 80, db: 81 } } }\n", "services: { web: { run: ./web } }\n",
        ]
        #expect(try manifest(parts.joined()) == manifest(parts.reversed().joined()))
    }

    @Test("keep services, accessories and environments in the order of the file")
    func keepOrder() throws {
        let text = """
            project: shop
            services: { zebra: { run: a }, ant: { run: b }, mouse: { run: c } }
            accessories: { y: { postgres: 15 }, x: { postgres: 16 } }
            environments: { staging: {}, production: {}, demo: {} }
            """
        let manifest = try manifest(text)
        #expect(manifest.services.map(\.name.rawValue) == ["zebra", "ant", "mouse"])
        #expect(manifest.accessories.map(\.name.rawValue) == ["y", "x"])
        #expect(manifest.environments.map(\.name.rawValue) == ["staging", "production", "demo"])
    }

    @Test("may be one service that runs")
    func smallest() throws {
        let manifest = try manifest(Fixture("valid", "smallest").manifest)
        let service = ServiceManifest(name: ServiceName("web"), program: .command("./web --port $PORT"))
        #expect(manifest.services == [service])
        #expect(manifest.accessories == [])
        #expect(manifest.migrations == nil)
    }

    @Test("may be JSON")
    func json() throws {
        let manifest = try manifest(Fixture("valid", "written-as-json").manifest)
        #expect(manifest.services.first?.variables == ["A": "1", "B": "true"])
        #expect(manifest.services.first?.replicas == 2)
        #expect(manifest.environments.first?.approval.required == false)
    }
}
