// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@Suite("Mistakes in opshub.yml")
struct MistakesTests {
    @Test("are all told at once, each at its place", arguments: try Fixture.all("mistakes"))
    func matchExpectedText(_ fixture: Fixture) throws {
        let reading = ManifestParser.parse(try fixture.manifest)
        let expected = try fixture.text("expected.txt").split(separator: "\n").map(String.init)
        #expect(!expected.isEmpty)
        #expect(reading.diagnostics.map(\.description) == expected)
        #expect(reading.manifest == nil)
    }

    @Test("are in the order of the file", arguments: try Fixture.all("mistakes"))
    func areOrdered(_ fixture: Fixture) throws {
        let places = ManifestParser.parse(try fixture.manifest).diagnostics.map { [$0.line, $0.column] }
        #expect(places == places.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test("are shown at a place that the file has", arguments: try Fixture.all("mistakes"))
    func areInsideTheText(_ fixture: Fixture) throws {
        let text = try fixture.manifest
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for diagnostic in ManifestParser.parse(text).diagnostics {
            #expect((1...lines.count).contains(diagnostic.line))
            #expect((1...lines[diagnostic.line - 1].unicodeScalars.count + 1).contains(diagnostic.column))
        }
    }

    @Test("are covered by at least sixty files")
    func areMany() throws {
        #expect(try Fixture.all("mistakes").count >= 60)
    }

    @Test("carry the path that the reader knows the file by")
    func nameTheFile() {
        let reading = ManifestParser.parse("project: 7\n", file: "shop/opshub.yml")
        #expect(reading.diagnostics.allSatisfy { $0.file == "shop/opshub.yml" })
        #expect(reading.diagnostics.count == 2)
    }

    @Test("become one failure with everything as evidence")
    func becomeAFailure() throws {
        let reading = ManifestParser.parse(
            "project: shop\nservices: { web: { run: ./web, port: 1 } }\nteam: us\n"
        )
        let failure = #expect(throws: Failure.self) { try reading.get() }
        #expect(failure?.code == .invalidManifest)
        #expect(failure?.message == "opshub.yml has 2 mistakes")
        #expect(failure?.evidence == reading.diagnostics.map(\.description))
        #expect(try ManifestParser.parse(manifestOfService()).get().project.rawValue == "shop")
    }
}
