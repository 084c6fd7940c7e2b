// SPDX-License-Identifier: Apache-2.0
import Core

extension EdgeTables {
    /// Where the running edge is not what one environment's tables say, in words.
    ///
    /// Where traffic goes is told apart by whoever knows where it should go; entries that others have added are told when
    /// they lead to this environment.
    func deviations(of running: EdgeTables, for key: EnvironmentKey) -> [String] {
        let hosts = differences(.hosts, running)
            .map { host, value in
                "host \(host) leads \(value.map { "to \($0)" } ?? "nowhere") at the edge"
            }
        let strangers = (running.maps[.hosts] ?? [:])
            .filter { $0.value == EdgeName.environment(key) && maps[.hosts]?[$0.key] == nil }
            .map { "host \($0.key) leads here, and is none of its domains" }
        let routes = differences(.routes, running)
            .map { route, value in
                "route \(route) leads \(value.map { "to \($0)" } ?? "nowhere") at the edge"
            }
        let servers = servers.compactMap { name, wanted -> String? in
            guard let port = wanted.port else { return nil }
            let there = running.servers[name]
            guard there?.port != port else { return nil }
            return
                "\(name) at the edge \(there?.port.map { "is at port \($0)" } ?? "gets no requests"), not at port \(port)"
        }
        return (hosts + strangers + routes + servers).sorted()
    }

    private func differences(_ map: Map, _ running: EdgeTables) -> [(String, String?)] {
        (maps[map] ?? [:])
            .compactMap { name, value in
                let there = running.maps[map]?[name]
                return there == value ? nil : (name, there)
            }
    }
}
