// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Delivery

/// The diagram in docs/ is the machine's own table, drawn.
@Suite("The diagram of the deployment machine")
struct MachineDiagramTests {
    @Test("shows every transition that the machine makes, and no other")
    func diagram() throws {
        let page =
            "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            + "/docs/machines/DEPLOYMENT.md"
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let drawn = text.components(separatedBy: "```mermaid\n").dropFirst().first?
            .components(separatedBy: "```").first
        #expect(drawn == Self.drawing(), "put this into \(page):\n\(Self.drawing())")
    }

    private static func drawing() -> String {
        var labels: [String: [String]] = [:]
        for phase in Sample.phases.map(\.phase) + phases {
            for event in Sample.events.map(\.event) + [.planned(next: [.approval], digest: Sample.digest)] {
                var machine = DeploymentMachine(phase: phase)
                // Most pairs are refused, and have no arrow.
                guard (try? machine.apply(event)) != nil else { continue }
                let edge = "\(kind(phase)) --> \(kind(machine.phase))"
                let label = word(event)
                if labels[edge]?.contains(label) != true { labels[edge, default: []].append(label) }
            }
        }
        let edges = labels.sorted { order($0.key).lexicographicallyPrecedes(order($1.key)) }
            .map { "    \($0.key): \($0.value.joined(separator: ", "))\n" }
        return "stateDiagram-v2\n    [*] --> queued\n" + edges.joined() + "    ended --> [*]\n"
    }

    /// With nothing left to do after them, and with something.
    private static let phases: [Phase] = [
        .performing(.health, next: [], progress: .init(mayRun: true)),
        .awaitingApproval(Sample.digest, next: [], progress: .init(mayRun: true)),
        .undoing(.stopIncoming, next: [.stopIncoming], attempt: 1, verdict: Sample.verdict),
    ]

    private static let kinds = [
        "queued", "performing", "awaitingApproval", "awaitingDecision", "undoing", "ended",
    ]

    private static func order(_ edge: String) -> [Int] {
        edge.components(separatedBy: " --> ").map { kinds.firstIndex(of: $0) ?? 0 }
            .reduce(into: []) { $0.append($1) }
    }

    private static func kind(_ phase: Phase) -> String {
        switch phase {
        case .queued: "queued"
        case .performing: "performing"
        case .awaitingApproval: "awaitingApproval"
        case .awaitingDecision: "awaitingDecision"
        case .undoing: "undoing"
        case .ended: "ended"
        }
    }

    private static func word(_ event: DeploymentEvent) -> String {
        String("\(event)".prefix { $0 != "(" })
    }
}
