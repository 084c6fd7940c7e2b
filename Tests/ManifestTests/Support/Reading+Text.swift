// SPDX-License-Identifier: Apache-2.0
import Manifest
import Testing

/// The manifest that a text means.
func manifest(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> ProjectManifest {
    let reading = ManifestParser.parse(text)
    #expect(reading.diagnostics.map(\.description) == [], sourceLocation: sourceLocation)
    return try #require(reading.manifest, sourceLocation: sourceLocation)
}

/// The mistakes in a text, as people see them.
func mistakes(_ text: String) -> [String] {
    ManifestParser.parse(text).diagnostics.map(\.description)
}

/// A manifest with one service, with more lines of that service, each with a value.
func manifestOfService(_ lines: String...) -> String {
    let service = lines.map { "    \($0)\n" }.joined()
    return "project: shop\nservices:\n  web:\n    run: ./web\n\(service)"
}

/// A manifest with one service and one environment called `production`, with lines of that environment.
func manifestOfEnvironment(_ lines: String...) -> String {
    let environment = lines.map { "    \($0)\n" }.joined()
    return
        "project: shop\nservices: { web: { run: ./web, routes: [/] } }\nenvironments:\n  production:\n\(environment)"
}
