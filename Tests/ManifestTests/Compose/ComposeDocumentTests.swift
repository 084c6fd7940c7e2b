// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Manifest

@Suite("docs/COMPOSE.md")
struct ComposeDocumentTests {
    private static let tables: [(title: String, table: ComposeKeyTable)] = [
        ("The file", .file), ("A service", .service), ("`build`", .build), ("`deploy`", .deploy),
        ("`deploy.resources.limits` and `.reservations`", .resources), ("`healthcheck`", .healthcheck),
        ("A port in its long form", .port), ("A volume in its long form", .mount),
        ("A service's place in a network", .membership), ("A network", .network), ("A volume", .volume),
        ("A secret", .secret), ("A config", .config), ("A secret or config as a service has it", .grant),
    ]

    @Test("says of every key what becomes of it, in the words of the program")
    func everyKey() throws {
        let package = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let text = try String(contentsOfFile: "\(package)/docs/COMPOSE.md", encoding: .utf8)
        for (title, table) in Self.tables {
            let section = try #require(text.components(separatedBy: "### \(title)\n").last)
            let rows = section.components(separatedBy: "\n### ")[0].split(separator: "\n")
                .filter { $0.hasPrefix("| `") }
            let used = table.used.map { "| `\($0)` | yes |" }
            let unused = table.unused.map { "| `\($0)` | not used | \($1) |" }
            let refused = table.refused.map { "| `\($0)` | refused | \($1) |" }
            for row in used + unused + refused {
                #expect(rows.contains { $0.hasPrefix(row) }, "\(title): \(row)")
            }
            #expect(rows.count == used.count + unused.count + refused.count, "\(title)")
        }
    }
}
