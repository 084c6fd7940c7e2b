// SPDX-License-Identifier: Apache-2.0
import Manifest
import Testing

@Suite("A text that nobody would write")
struct HostileTextTests {
    @Test("is refused at the first byte that is not UTF-8")
    func notUTF8() {
        let bytes = Array("project: shop\n# caf".utf8) + [0xE9, 0x0A]
        let reading = ManifestParser.parse(bytes: bytes)
        #expect(
            reading.diagnostics.map(\.description) == [
                "opshub.yml:2:6: this is not UTF-8 (save the file as UTF-8)"
            ]
        )
        #expect(reading.manifest == nil)
    }

    @Test(
        "is recognised as UTF-16 in either byte order",
        arguments: [[0xFF, 0xFE], [0xFE, 0xFF]] as [[UInt8]],
    )
    func utf16(_ mark: [UInt8]) {
        let reading = ManifestParser.parse(bytes: mark + [0x70, 0x00])
        #expect(
            reading.diagnostics.map(\.description) == [
                "opshub.yml:1:1: the file is UTF-16 (save the file as UTF-8)"
            ]
        )
    }

    @Test("as bytes means what it means as text", arguments: try Fixture.all("valid"))
    func bytes(_ fixture: Fixture) throws {
        let text = try fixture.manifest
        #expect(ManifestParser.parse(bytes: Array(text.utf8)) == ManifestParser.parse(text))
    }

    @Test("is refused when it is too large to be a manifest")
    func tooLarge() {
        let text = "project: shop\n" + String(repeating: "# comment\n", count: 30_000)
        #expect(
            mistakes(text) == ["opshub.yml:1:1: the file is larger than 256 KiB (is this an opshub.yml?)"]
        )
    }

    @Test("does not exhaust the stack by nesting", arguments: ["[", "{a: ", "- ", "? "])
    func nesting(_ opening: String) {
        let reading = ManifestParser.parse("project: " + String(repeating: opening, count: 50_000))
        #expect(reading.manifest == nil)
        #expect(reading.diagnostics.count == 1)
    }

    @Test(
        "does not take forever by aliases of aliases as a key",
        arguments: ["? *a40\n: 1", "*a40 : 1", "[*a40]: 1"],
    )
    func aliasBomb(_ key: String) {
        let levels = (1...40).map { "a\($0): &a\($0) { x: *a\($0 - 1), y: *a\($0 - 1) }\n" }
        let text = "a0: &a0 { k: v }\n" + levels.joined() + key + "\n"
        #expect(mistakes(text) == ["opshub.yml:1:1: the file has too many aliases (write the values out)"])
    }

    @Test("does not take forever by aliases of aliases as a value")
    func aliasesAsValues() {
        let levels = (1...40).map { "a\($0): &a\($0) { x: *a\($0 - 1), y: *a\($0 - 1) }\n" }
        let text = "a0: &a0 { k: v }\n" + levels.joined() + "services: *a40\n"
        #expect(ManifestParser.parse(text).diagnostics.count == 48)
    }

    @Test("does not take forever by merges of merges")
    func mergeBomb() {
        let levels = (1...40).map { "x\($0): &a\($0) { <<: [*a\($0 - 1), *a\($0 - 1)] }\n" }
        let text = "x0: &a0 { k: v }\n" + levels.joined() + "services: *a40\n"
        #expect(
            mistakes(text).contains("opshub.yml:42:1: too many mappings are merged (write the values out)")
        )
    }

    @Test("with hundreds of repeated keys is given up, not looped over")
    func manyRepeatedKeys() {
        let text = "project: shop\n" + String(repeating: "project: shop\n", count: 200)
        #expect(mistakes(text).last == "opshub.yml:1:1: more than 50 keys appear twice")
    }

    @Test("cut off anywhere has a mistake or a meaning", arguments: try Fixture.all("valid"))
    func cutOff(_ fixture: Fixture) throws {
        let text = try fixture.manifest
        for end in stride(from: 0, to: text.count, by: 5) {
            let reading = ManifestParser.parse(String(text.prefix(end)))
            #expect((reading.manifest == nil) == !reading.diagnostics.isEmpty)
        }
    }

    @Test("without any one of its lines has a mistake or a meaning", arguments: try Fixture.all("valid"))
    func lineLess(_ fixture: Fixture) throws {
        let lines = try fixture.manifest.split(separator: "\n", omittingEmptySubsequences: false)
        for index in lines.indices {
            let rest = lines[..<index] + lines[(index + 1)...]
            let reading = ManifestParser.parse(rest.joined(separator: "\n"))
            #expect((reading.manifest == nil) == !reading.diagnostics.isEmpty)
        }
    }

    @Test(
        "with any character replaced has a mistake or a meaning",
        arguments: Array("\t:-[]{}#&*!|>'\"%@`\\\0\u{7}é, "),
    )
    func damaged(_ character: Character) throws {
        let text = try Array(Fixture("valid", "product").manifest)
        for index in stride(from: 0, to: text.count, by: 19) {
            var damaged = text
            damaged[index] = character
            let reading = ManifestParser.parse(String(damaged))
            #expect((reading.manifest == nil) == !reading.diagnostics.isEmpty)
        }
    }
}
