// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Manifest

@Suite("The JSON Schema of opshub.yml")
struct ManifestSchemaTests {
    private let schema: JSONText

    init() throws {
        schema = try JSONDecoder().decode(JSONText.self, from: Data(ManifestSchema.json.utf8))
    }

    @Test("is JSON that names its draft")
    func draft() {
        #expect(schema["$schema"] == .text("https://json-schema.org/draft/2020-12/schema"))
        #expect(ManifestSchema.json.hasSuffix("}\n"))
    }

    @Test("has exactly the keys of the parser's tables")
    func keys() {
        let known = Set(ProjectKeys.table.everyKey())
        let said = Set(Self.keys(of: schema))
        #expect(said.subtracting(known) == [])
        #expect(known.subtracting(said) == [])
        #expect(known.count == 104)
    }

    @Test("describes every key in sentences")
    func descriptions() {
        for (path, key) in Self.properties(of: schema) {
            guard case .text(let text)? = key["description"] else {
                Issue.record("\(path) has no description")
                continue
            }
            #expect(text.hasSuffix(".") || text.hasSuffix("…"), "\(path)")
            #expect(text.first?.isUppercase == true, "\(path)")
        }
    }

    @Test("has defaults that are valid themselves")
    func defaults() throws {
        var count = 0
        for (path, key) in Self.properties(of: schema) {
            guard let standard = key["default"] else { continue }
            #expect(try SchemaValidator(schema: key).problems(of: standard) == [], "\(path)")
            count += 1
        }
        #expect(count == 32)
    }

    @Test("allows what the parser allows", arguments: try Fixture.all("valid"))
    func valid(_ fixture: Fixture) throws {
        let instance = try #require(YAMLInstance.of(try fixture.manifest))
        #expect(try SchemaValidator(schema: schema).problems(of: instance) == [])
    }

    @Test("allows what init writes", arguments: try Fixture.all("repositories"))
    func templates(_ fixture: Fixture) throws {
        let instance = try #require(YAMLInstance.of(try fixture.manifest))
        #expect(try SchemaValidator(schema: schema).problems(of: instance) == [])
    }

    @Test(
        "refuses what the parser refuses, but for what takes several values to see",
        arguments: try Fixture.all("mistakes"),
    )
    func mistakes(_ fixture: Fixture) throws {
        guard let instance = YAMLInstance.of(try fixture.manifest) else {
            #expect(fixture.name.hasPrefix("syntax-") || Self.withoutValues.contains(fixture.name))
            return
        }
        let problems = try SchemaValidator(schema: schema).problems(of: instance)
        #expect(problems.isEmpty == Self.onlyTheParserKnows.contains(fixture.name))
        #expect(!problems.contains { $0.contains("does not know") })
    }

    private static let withoutValues: Set<String> = ["empty-file", "only-comments"]

    private static let onlyTheParserKnows: Set<String> = [
        "branch-of-two-environments", "database-named-after-the-project", "domain-of-two-environments",
        "keys-that-are-not-words",
        "merges-of-no-mapping", "migrations-of-which", "names-of-nothing", "one-name-for-two-things",
        "ports-shared",
        "routes-claimed-twice", "stability-window",
    ]
}

extension ManifestSchemaTests {
    /// Every property with its path, written as the tables write it.
    private static func properties(
        of schema: JSONText,
        below path: String = "",
    ) -> [(path: String, key: JSONText)] {
        let own = (schema["properties"]?.members ?? [:])
            .flatMap { name, key in
                [(path + name, key)] + properties(of: key, below: path + name + ".")
            }
        let named = schema["additionalProperties"].map { properties(of: $0, below: path + "NAME.") } ?? []
        let items = schema["items"].map { properties(of: $0, below: path) } ?? []
        let choices = (schema["anyOf"]?.items ?? []).flatMap { properties(of: $0, below: path) }
        return own + named + items + choices
    }

    private static func keys(of schema: JSONText) -> [String] { properties(of: schema).map(\.path) }
}
