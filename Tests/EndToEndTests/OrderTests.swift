// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

/// People change their minds after a release has got traffic.
@Suite("A release that has switched and is still being watched", .tags(.slow))
struct OrderTests {
    @Test(
        "is taken back by a rollback, with its domain and port, and by a cancellation",
        .timeLimit(.minutes(10)),
    )
    func takenBack() async throws {
        var manifest = Stage.Manifest(window: "1s")
        try await Stage.with(manifest) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let port = try LocalPorts.allocate(1, from: (stage.ports.api + 1)...(stage.ports.api + 40))[0]
            manifest.window = "10m"
            manifest.domain = "moved.localhost"
            manifest.port = port
            for (number, order) in [["rollback", "-e", "production"], ["cancel", "d3"]].enumerated() {
                let id = "d\(number + 2)"
                _ = try await stage.push(
                    [
                        "opshub.yml": manifest.text(stage.ports),
                        "behaviour.json": #"{ "version": "\#(number + 2)", "boot_delay_ms": 1000 }"#,
                    ],
                    wait: false,
                )
                try await stage.waitUntil("\(id) starts") {
                    try await stage.opshub("events", id).output.contains("▸ health gate")
                }
                #expect(try await stage.answers("app.localhost") == "200")
                #expect(try await stage.answers("moved.localhost") == "404")
                try await stage.waitUntil("\(id) is being watched") {
                    try await stage.opshub("events", id).output.contains("▸ stability gate")
                }
                #expect(try await stage.answers("app.localhost") == "404")
                #expect(try await stage.answers("moved.localhost") == "200")
                #expect(try await stage.answers(nil, port: port) == "200")
                let result = try await stage.opshub(order)
                #expect(result.isSuccess, "\(result.errors)")
                _ = try await stage.opshub("events", id, "--follow")
                let events = try await stage.opshub("events", id).output
                #expect(events.contains("return traffic: done"), "\(events)")
                #expect(try await stage.answers("app.localhost") == "200")
                #expect(try await stage.answers("moved.localhost") == "404")
                #expect(try await stage.version().contains("1"))
                try await stage.waitUntil("port \(port) is free") { LocalPorts.holder(of: port) == nil }
                #expect(try stage.instances().count == 1)
            }
            let status = try await stage.opshub("status").output
            #expect(status.contains("serving  r1"), "\(status)")
        }
    }
}

extension Stage {
    /// The status that the edge answers with for a host on its public address, or on a port.
    fileprivate func answers(_ host: String?, port: Int? = nil) async throws -> String {
        let header = host.map { ["-H", "Host: \($0)"] } ?? []
        let url = "http://127.0.0.1:\(port ?? ports.edge)/version"
        let curl = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5"]
        return try await runner.run(Program("curl", curl + header + [url])).output
    }
}
