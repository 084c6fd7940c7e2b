// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Foundation
import Testing

/// The diagram in docs/ is the machine's own table, drawn.
@Suite("The diagram of the backup machine")
struct BackupDiagramTests {
    @Test("shows every transition that the machine makes, and no other")
    func diagram() throws {
        let page =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            + "/docs/machines/BACKUP.md"
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let drawn = text.components(separatedBy: "```mermaid\n").dropFirst().first?
            .components(separatedBy: "```").first
        #expect(drawn == Self.drawing(), "put this into \(page):\n\(Self.drawing())")
    }

    private static let names = ["started", "written", "verified", "damaged", "failed"]

    private static let events: [BackupEvent] = [
        .dumped(Samples.content), .dumpFailed(Samples.failure), .proven(Samples.drill),
        .disproved(Samples.failure),
    ]

    private static func drawing() -> String {
        // Each state as it is first reached.
        var reached: [Backup] = [Samples.backup()]
        var labels: [String: [String]] = [:]
        var index = 0
        while index < reached.count {
            for event in events {
                var next = reached[index]
                // Most pairs are refused, and have no arrow.
                guard (try? next.apply(event, at: Samples.start)) != nil else { continue }
                labels["\(name(reached[index])) --> \(name(next))", default: []].append(event.name)
                if !reached.contains(where: { name($0) == name(next) }) { reached.append(next) }
            }
            index += 1
        }
        let edges = labels.sorted { order($0.key).lexicographicallyPrecedes(order($1.key)) }
            .map { "    \($0.key): \($0.value.joined(separator: ", "))\n" }
        return "stateDiagram-v2\n    [*] --> started\n" + edges.joined()
    }

    /// A failed one that has bytes is told apart from one that has none.
    private static func name(_ backup: Backup) -> String {
        backup.state.name == "failed" && backup.content != nil ? "damaged" : backup.state.name
    }

    private static func order(_ edge: String) -> [Int] {
        edge.components(separatedBy: " --> ").map { names.firstIndex(of: $0) ?? 0 }
    }
}
