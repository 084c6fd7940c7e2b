// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery

/// Reads what the running edge holds and has counted, from the edge itself.
struct RunningEdge {
    let socket: RuntimeSocket
    let settings: EdgeSettings

    /// Maps and servers as they are.
    func tables() async throws -> EdgeTables {
        var tables = EdgeTables()
        for map in EdgeTables.Map.allCases {
            let answer = try await socket.ask("show map \(settings.map(map))")
            tables.maps[map] = Self.entries(of: answer)
        }
        for row in StatTable(try await socket.ask("show servers state"), separator: " ").rows {
            // 0x04 only says that the place was empty when the worker started; it stays when an instance gets it.
            let isReady = row.number("srv_admin_state") & ~0x04 == 0
            tables.servers["\(row["be_name"])/\(row["srv_name"])"] = EdgeTables.Server(
                port: isReady ? row.number("srv_port") : nil,
                weight: row.number("srv_uweight"),
            )
        }
        return tables
    }

    /// Process id and start of the worker that answers: counters begin again when it changes.
    func epoch() async throws -> String {
        let info = try await socket.ask("show info")
        let wanted = info.split(separator: "\n")
            .filter { $0.hasPrefix("Pid:") || $0.hasPrefix("Start_time_sec:") }
        return wanted.joined(separator: " ")
    }

    /// Process id of the worker that answers new connections.
    func worker() async throws -> Int32? {
        let info = try await socket.ask("show info")
        return info.split(separator: "\n").first { $0.hasPrefix("Pid:") }
            .flatMap { Int32($0.dropFirst("Pid:".count).trimmingPrefix(" ")) }
    }

    /// What each slot of an environment has answered, and is answering.
    func traffic(
        of key: EnvironmentKey
    ) async throws -> (totals: [Slot: TrafficCounters.Totals], inFlight: [Slot: Int]) {
        var totals: [Slot: TrafficCounters.Totals] = [:]
        var inFlight: [Slot: Int] = [:]
        for row in StatTable(try await socket.ask("show stat"), separator: ",").rows {
            let name = row["pxname"].split(separator: ".")
            guard name.count == 4, name[0] == key.project.rawValue, name[1] == key.environment.rawValue else {
                continue
            }
            let own = Slot(rawValue: String(name[2]))
            if row["svname"] == "BACKEND", let own {
                // What the edge itself answered for a server that could not is in here and in no server's row.
                totals[own, default: .init()].add(row, unanswered: 0)
            } else if let slot = Self.slot(of: row["svname"]) {
                inFlight[slot, default: 0] += row.number("scur")
                guard own == nil else { continue }
                // Here it is in no slot's row, but the server's own row says that it did not answer.
                totals[slot, default: .init()].add(row, unanswered: row.number("eresp"))
            }
        }
        return (totals, inFlight)
    }

    private static func slot(of server: Substring) -> Slot? {
        server.split(separator: "-").first.flatMap { Slot(rawValue: String($0)) }
    }

    /// Lines `0x55d… key value`.
    private static func entries(of answer: String) -> [String: String] {
        let pairs = answer.split(separator: "\n")
            .compactMap { line -> (String, String)? in
                let words = line.split(separator: " ", maxSplits: 2)
                return words.count == 3 ? (String(words[1]), String(words[2])) : nil
            }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension TrafficCounters.Totals {
    fileprivate mutating func add(_ row: StatTable.Row, unanswered: Int) {
        served += ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx"]
            .reduce(unanswered) { $0 + row.number($1) }
        failed += row.number("hrsp_5xx") + unanswered
    }
}
