// SPDX-License-Identifier: Apache-2.0
import Core

@testable import HAProxyRouter

/// A running edge in memory, which takes runtime commands one by one as HAProxy does.
struct EdgeModel {
    /// One place in a backend.
    struct Server {
        var port: Int?
        var weight: Int?
        var isReady: Bool
    }

    /// Why a command was refused.
    struct Refused: Error {
        let command: String
        let why: String
    }

    private(set) var maps: [String: [String: String]] = [:]
    private(set) var servers: [String: Server] = [:]

    /// An edge that holds exactly this.
    init(_ tables: EdgeTables) {
        for (map, entries) in tables.maps { maps[map.rawValue] = entries }
        servers = tables.servers.mapValues { server in
            Server(port: server.port, weight: server.weight, isReady: server.port != nil)
        }
    }

    /// What is read from it.
    var tables: EdgeTables {
        var tables = EdgeTables()
        for map in EdgeTables.Map.allCases { tables.maps[map] = maps[map.rawValue] ?? [:] }
        tables.servers = servers.mapValues { .init(port: $0.isReady ? $0.port : nil, weight: $0.weight) }
        return tables
    }

    /// Carries one command out.
    mutating func take(_ command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        switch words.first {
        case "add" where words.count == 5: try add(words[2], words[3], words[4], command)
        case "set" where words.count == 5 && words[1] == "map":
            try set(words[2], words[3], words[4], command)
        case "del" where words.count == 4: try delete(words[2], words[3], command)
        case "set" where words.count > 4 && words[1] == "server":
            try change(words[2], Array(words.dropFirst(3)), command)
        default: throw Refused(command: command, why: "there is no such command")
        }
    }

    /// The lanes that have traffic and can't answer: `environment/lane: why`.
    var unanswered: [String] {
        (maps["active"] ?? [:]).values
            .compactMap { lane in
                let routes = (maps["routes"] ?? [:]).filter { $0.key.hasPrefix(lane + "/") }
                guard !routes.isEmpty else { return "\(lane): no route" }
                let dead = Set(routes.values)
                    .filter { backend in
                        !servers.contains { $0.key.hasPrefix(backend + "/") && $0.value.isReady }
                    }
                return dead.isEmpty ? nil : "\(lane): nobody behind \(dead.sorted())"
            }
    }

    private mutating func add(_ map: String, _ key: String, _ value: String, _ command: String) throws {
        guard maps[map]?[key] == nil else { throw Refused(command: command, why: "a second entry") }
        maps[map, default: [:]][key] = value
    }

    private mutating func set(_ map: String, _ key: String, _ value: String, _ command: String) throws {
        guard maps[map]?[key] != nil else { throw Refused(command: command, why: "no entry to set") }
        maps[map]?[key] = value
    }

    private mutating func delete(_ map: String, _ key: String, _ command: String) throws {
        guard maps[map]?[key] != nil else { throw Refused(command: command, why: "no entry to delete") }
        maps[map]?[key] = nil
    }

    private mutating func change(_ name: String, _ words: [String], _ command: String) throws {
        guard servers[name] != nil else { throw Refused(command: command, why: "no such server") }
        switch (words[0], words.last ?? "") {
        case ("addr", let port) where words.count == 4 && words[1] == "127.0.0.1":
            servers[name]?.port = Int(port)
        case ("weight", let weight): servers[name]?.weight = Int(weight)
        case ("state", "ready"): servers[name]?.isReady = true
        case ("state", "maint"): servers[name]?.isReady = false
        default: throw Refused(command: command, why: "there is no such change")
        }
    }
}
