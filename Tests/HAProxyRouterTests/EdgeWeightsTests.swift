// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// What a percentage becomes when HAProxy shares by server.
@Suite("Weights of a shared split")
struct EdgeWeightsTests {
    /// Instances of the incoming and of the outgoing release.
    struct Replicas: Sendable, CustomTestStringConvertible {
        let incoming: Int
        let outgoing: Int

        var testDescription: String { "\(incoming) beside \(outgoing)" }
    }

    @Test(
        "give each slot its share however many instances it has",
        arguments: [1, 5, 10, 25, 33, 50, 67, 75, 90, 99],
        [
            Replicas(incoming: 1, outgoing: 1), Replicas(incoming: 1, outgoing: 4),
            Replicas(incoming: 4, outgoing: 1), Replicas(incoming: 3, outgoing: 2),
            Replicas(incoming: 10, outgoing: 10),
        ],
    )
    func shares(percent: Int, replicas: Replicas) {
        let weights = weights(.shared(incoming: .green, percent: percent), replicas)
        #expect(weights.values.joined().allSatisfy { (1...256).contains($0) })
        let incoming = weights[.green, default: []].reduce(0, +)
        let all = weights.values.joined().reduce(0, +)
        let share = 100 * Double(incoming) / Double(all)
        #expect(abs(share - Double(percent)) < 1, "\(share) %: \(weights)")
    }

    @Test(
        "are said by nobody while one slot has everything",
        arguments: [TrafficSplit.none, .all(.blue), .all(.green)],
    )
    func notShared(split: TrafficSplit) {
        #expect(EdgeTables(Sample.state(split)).servers.values.allSatisfy { $0.weight == nil })
    }

    private func weights(_ split: TrafficSplit, _ replicas: Replicas) -> [Slot: [Int]] {
        let state = Sample.state(
            split,
            blue: Array(20_001..<(20_001 + replicas.outgoing)),
            green: Array(20_101..<(20_101 + replicas.incoming)),
        )
        let servers = EdgeTables(state).servers
            .filter { name, server in
                name.hasPrefix("shop.production.mixed.") && server.port != nil
            }
        return Dictionary(grouping: servers) { $0.key.contains("/green-") ? Slot.green : .blue }
            .mapValues { $0.compactMap(\.value.weight) }
    }
}
