// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Manifest

@Suite("A pattern in the schema")
struct PatternTests {
    @Test(
        "of a name agrees with the parser",
        arguments: ["a", "shop", "a-b", "a1", "", "A", "1a", "-a", "a-", "a_b", "ä", "a b"],
    )
    func names(_ text: String) throws {
        try expectAgreement(ValueShape<ServiceName>.name(), text)
        try expectAgreement(ValueShape<ServiceName>.name(), String(repeating: "a", count: 39) + text)
    }

    @Test(
        "of a folder agrees with the parser",
        arguments: [
            ".", "web", "./web", "a/b", "a/../b", "..", "../a", "a/..", "a..b", "...", "/", "/a", "~", "~/a",
            "a~", "a\\b", "",
            "a b", "@scope/a",
        ],
    )
    func folders(_ text: String) throws { try expectAgreement(ValueShape.folder, text) }

    @Test(
        "of a request's path agrees with the parser",
        arguments: ["/", "/a", "/a?b=c", "/a b", "/a#b", "a", "", "http://x/"],
    )
    func requestPaths(_ text: String) throws {
        try expectAgreement(ValueShape.requestPath, text)
        try expectAgreement(ValueShape.requestPath, "/" + String(repeating: "a", count: 1998) + text)
    }

    @Test(
        "of a route agrees with the parser",
        arguments: [
            "/", "/api", "/api/v1", "/api/", "//", "/a//b", "/.", "/..", "/a/..", "/a/../b", "/..a", "/a.b",
            "/a*", "/*", "api",
            "", "/a b", "/a?b", "/~u", "/%20", "/@x", "/ä", "/a\"b",
        ],
    )
    func routes(_ text: String) throws { try expectAgreement(ValueShape.route, text) }

    @Test(
        "of a host name agrees with the parser",
        arguments: [
            "a", "example.com", "a-b.example.com", "1.example.com", "example.1", "1.2.3.4", "123", "", ".",
            "a.", ".a", "a..b",
            "-a.b", "a-.b", "A.b", "a_b.c", "*.a", "a:80", "ä.de", "xn--4ca.de", "localhost",
        ],
    )
    func hostNames(_ text: String) throws {
        try expectAgreement(ValueShape.hostName, text)
        try expectAgreement(ValueShape.hostName, String(repeating: "a", count: 62) + text)
        try expectAgreement(ValueShape.hostName, String(repeating: "a.", count: 125) + text)
    }

    @Test(
        "of a branch agrees with the parser",
        arguments: [
            "main", "feature/a", "release-1.2", "2.0", "a_b", "ä", "", " ", "a b", "-a", ".a", "a/.b", "a.",
            "/a", "a/", "a//b",
            "a..b", "a@{b", "@", "a~1", "a^", "a:b", "a?b", "a*b", "a[b", "a\\b", "a.lock", "a.lock/b",
            "a.locks",
            "refs/heads/main", "refs", "a\tb", "a]b",
        ],
    )
    func branches(_ text: String) throws { try expectAgreement(ValueShape.branch, text) }

    @Test(
        "of a database agrees with the parser",
        arguments: [
            "shop", "a", "a_1", "_a", "1a", "a-b", "A", "", "pg_a", "pga", "postgres", "postgres2",
            "template0", "template1",
        ],
    )
    func databases(_ text: String) throws { try expectAgreement(ValueShape.database, text) }

    @Test(
        "of a duration agrees with the parser",
        arguments: [
            "1s", "250ms", "0s", "00s", "007m", "1h", "1d", "1w", "s", "1", "1 s", "1.5s", "-1s", "1S",
            "1234567890s", "1m30s",
        ],
    )
    func durations(_ text: String) throws {
        try expectAgreement(ValueShape.duration, text)
        try expectAgreement(ValueShape.durationOrZero, text)
    }

    @Test(
        "of a size agrees with the parser",
        arguments: ["512M", "512MiB", "1G", "1GiB", "64000K", "1", "M", "1MB", "1m", "1.5G", "1 G"],
    )
    func sizes(_ text: String) throws { try expectAgreement(ValueShape.size(atLeast: ByteCount(1)), text) }

    @Test(
        "of a percentage agrees with the parser",
        arguments: [
            "1%", "0%", "100%", "100.0%", "99.99%", "100.1%", "101%", "1000%", "%", "1 %", ".5%", "5.%",
            "-1%", "0.01", "1",
        ],
    )
    func shares(_ text: String) throws { try expectAgreement(ValueShape.share, text) }

    @Test("of a command agrees with the parser", arguments: ["a", " a ", "", " ", "\n", "a\nb"])
    func commands(_ text: String) throws { try expectAgreement(ValueShape.command, text) }

    @Test(
        "of a variable agrees with the parser",
        arguments: ["A", "a_1", "_", "1A", "A-B", "", "PORT", "PORT2", "OPSHUB_A", "OPSHUB", "Ä"],
    )
    func variables(_ text: String) throws {
        let pattern = try Regex(VariableRule.pattern)
        #expect(text.contains(pattern) == (VariableRule.refusal(text) == nil))
    }

    /// Checks that a quoted text is read exactly when the schema allows it.
    private func expectAgreement<Value>(
        _ shape: ValueShape<Value>,
        _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) throws {
        let log = ReadingLog(file: "any.yml")
        let quoted = JSONValue.text(text).rendered()
        let root = try #require(ManifestDocument.root(of: quoted, log: log), sourceLocation: sourceLocation)
        let isRead = shape.read(ManifestNode(root, ManifestPath("value"), log: log)) != nil
        let schema = SchemaValidator(schema: JSONText(shape.schema))
        let isAllowed = try schema.problems(of: .text(text)).isEmpty
        #expect(isRead == isAllowed, "'\(text)'", sourceLocation: sourceLocation)
        #expect(isRead == log.diagnostics.isEmpty, sourceLocation: sourceLocation)
    }
}

extension JSONText {
    /// The same value.
    init(_ value: JSONValue) {
        switch value {
        case .text(let text): self = .text(text)
        case .integer(let number): self = .number(Double(number))
        case .number(let number): self = .number(number)
        case .boolean(let flag): self = .boolean(flag)
        case .list(let items): self = .list(items.map(JSONText.init))
        case .object(let members):
            self = .object(Dictionary(uniqueKeysWithValues: members.map { ($0.name, JSONText($0.value)) }))
        }
    }
}
