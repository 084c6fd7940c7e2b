// SPDX-License-Identifier: Apache-2.0

extension EdgeTables {
    /// The runtime commands that turn what the edge holds into what it shall hold, in an order that never leaves a request
    /// without an answer: first where instances are and what routes lead to them, then where traffic goes, and last what
    /// nothing refers to any more.
    func commands(from present: EdgeTables, mapPath: (Map) -> String) -> [String] {
        let before: [Map] = [.routes, .releases]
        let after: [Map] = [.active, .hosts]
        var commands = serverCommands(from: present, filling: true)
        for map in before { commands += additions(to: map, from: present, mapPath(map)) }
        for map in after { commands += additions(to: map, from: present, mapPath(map)) }
        for map in after + before { commands += removals(from: map, in: present, mapPath(map)) }
        return commands + serverCommands(from: present, filling: false)
    }

    private func additions(to map: Map, from present: EdgeTables, _ path: String) -> [String] {
        let (wanted, there) = (maps[map] ?? [:], present.maps[map] ?? [:])
        return wanted.sorted { $0.key < $1.key }
            .compactMap { key, value in
                switch there[key] {
                case value: nil
                case nil: "add map \(path) \(key) \(value)"
                case .some: "set map \(path) \(key) \(value)"
                }
            }
    }

    private func removals(from map: Map, in present: EdgeTables, _ path: String) -> [String] {
        let wanted = maps[map] ?? [:]
        return (present.maps[map] ?? [:]).keys.sorted().filter { wanted[$0] == nil }
            .map { "del map \(path) \($0)" }
    }

    private func serverCommands(from present: EdgeTables, filling: Bool) -> [String] {
        servers.sorted { $0.key < $1.key }
            .flatMap { name, wanted -> [String] in
                let there = present.servers[name]
                guard wanted != there, filling == (wanted.port != nil) else { return [] }
                guard let port = wanted.port else {
                    return there?.port == nil ? [] : ["set server \(name) state maint"]
                }
                let newWeight = wanted.weight == there?.weight ? nil : wanted.weight
                let weight = newWeight.map { ["set server \(name) weight \($0)"] } ?? []
                guard port != there?.port else { return weight }
                return ["set server \(name) addr 127.0.0.1 port \(port)"] + weight + [
                    "set server \(name) state ready"
                ]
            }
    }
}
