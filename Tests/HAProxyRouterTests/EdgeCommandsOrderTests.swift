// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HAProxyRouter

/// From any state of the edge to any other, command by command.
@Suite("Runtime commands from one state to another")
struct EdgeCommandsOrderTests {
    /// Invariant 2, and the half-way states of Invariant 7.
    @Test(
        "never send traffic where nobody answers, whatever was cut off after them",
        arguments: UInt64(1)...250,
    )
    func neverUnanswered(seed: UInt64) throws {
        var random = RandomEdge(seed: seed)
        var model = EdgeModel(EdgeTables(random.next()))
        for _ in 0..<4 {
            let wanted = EdgeTables(random.next())
            let commands = wanted.commands(from: model.tables) { $0.rawValue }
            for (index, command) in commands.enumerated() {
                try model.take(command)
                #expect(model.unanswered.isEmpty, "after \(index + 1) of \(commands), seed \(seed)")
            }
        }
    }

    @Test(
        "end with exactly what was wanted, and are none when it is there already",
        arguments: UInt64(1)...100,
    )
    func arrives(seed: UInt64) throws {
        var random = RandomEdge(seed: seed)
        var model = EdgeModel(EdgeTables(random.next()))
        let wanted = EdgeTables(random.next())
        for command in wanted.commands(from: model.tables, mapPath: { $0.rawValue }) {
            try model.take(command)
        }
        #expect(model.tables.maps == wanted.maps)
        #expect(model.tables.servers.mapValues(\.port) == wanted.servers.mapValues(\.port))
        for (name, server) in wanted.servers where server.port != nil && server.weight != nil {
            #expect(model.servers[name]?.weight == server.weight, "\(name)")
        }
        #expect(wanted.commands(from: model.tables) { $0.rawValue } == [])
    }

    @Test("move each environment's traffic in one step, or not at all", arguments: UInt64(1)...100)
    func oneStep(seed: UInt64) throws {
        var random = RandomEdge(seed: seed)
        var model = EdgeModel(EdgeTables(random.next()))
        let wanted = EdgeTables(random.next())
        let before = model.maps["active"] ?? [:]
        var moves: [String: Int] = [:]
        for command in wanted.commands(from: model.tables, mapPath: { $0.rawValue }) {
            let lanes = model.maps["active"] ?? [:]
            try model.take(command)
            for environment in Set(before.keys).union(wanted.maps[.active, default: [:]].keys)
            where lanes[environment] != model.maps["active"]?[environment] {
                moves[environment, default: 0] += 1
            }
        }
        #expect(moves.values.allSatisfy { $0 == 1 }, "\(moves)")
    }
}
