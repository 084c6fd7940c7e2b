// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("What YAML can do")
struct YAMLTests {
    @Test("anchors and merges give values, and what is written beside them wins")
    func merges() throws {
        let manifest = try manifest(Fixture("valid", "anchors-and-merges").manifest)
        let (api, admin, pages) = (manifest.services[0], manifest.services[1], manifest.services[2])
        #expect(api.build == ["make"])
        #expect(admin.build == ["make"])
        #expect(admin.program == api.program)
        #expect(admin.limits == api.limits)
        #expect(admin.routes == ["/admin"])
        #expect(pages.replicas == 2)
        #expect(pages.program == .files(folder: "dist"))
        let staging = manifest.environments[1]
        #expect(staging.branch == "develop")
        #expect(staging.stability == StabilityManifest(window: .seconds(5), maxErrorRate: 0.001))
        #expect(staging.backup.keepDays == 14)
    }

    @Test("nothing that looks like a number or a truth value changes its text")
    func texts() throws {
        let manifest = try manifest(Fixture("valid", "types-that-yaml-guesses").manifest)
        let service = try #require(manifest.services.first)
        #expect(manifest.project.rawValue == "on")
        #expect(service.name.rawValue == "yes")
        #expect(service.program == .command("true"))
        #expect(service.path == "null")
        #expect(
            service.health.expect == [
                "version": "1.10", "build": "007", "ready": "yes", "mode": "off", "hex": "0xFF",
                "none": "null",
            ]
        )
        #expect(
            service.variables == [
                "VERSION": "1.10", "ZERO": "0", "OCTAL": "0755", "SWITCH": "on", "TRUTH": "True",
                "COUNTRY": "no",
                "NUMBER": "1_000", "TIME": "12:30:45", "DATE": "2024-01-01", "EXPONENT": "1e3",
                "QUOTED": "  spaced  ", "EMPTY": "", "NULL_TEXT": "null", "COLON": "a:b", "HASH": "a#b",
                "LINES": "one\ntwo\n",
            ]
        )
        #expect(manifest.environments.map(\.branch) == ["2.0", "on"])
    }

    @Test("long commands keep their lines")
    func longTexts() throws {
        let service = try #require(try manifest(Fixture("valid", "long-texts").manifest).services.first)
        let script = "set -e\nmake all\nif [ \"$CI\" ]; then echo \"done: ok\" # not a comment\nfi\n"
        #expect(service.build == [script, "make test VERBOSE=1", "echo 'it's' \"fine\""])
        #expect(service.program == .command("exec ./web --port $PORT --name \"a#b\""))
    }

    @Test("an alias used twice is reported once per value")
    func aliases() {
        let text = """
            project: shop
            services:
              a: { run: ./a, limits: &limits { files: none } }
              b: { run: ./b, limits: *limits }
            """
        #expect(
            mistakes(text) == [
                "opshub.yml:3:43: services.a.limits.files is 'none' (expected a whole number from 64 to 1048576)",
                "opshub.yml:3:43: services.b.limits.files is 'none' (expected a whole number from 64 to 1048576)",
            ]
        )
    }
}
