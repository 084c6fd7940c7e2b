// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

@testable import HAProxyRouter

/// Another HAProxy that answers by one rule of its own: fast enough to stand behind an edge under full load.
struct QuickOrigin: Sendable {
    /// Where it listens.
    let port: Int
    private let running: Task<Void, any Error>

    /// Starts one and returns once it listens; `rule` is what stands behind `http-request`.
    static func start(
        _ rule: String = "return status 200 content-type text/plain string ok",
        in edge: EdgeHome,
    ) async throws -> QuickOrigin {
        let port = try FreePort.next()
        let path = "\(edge.settings.folder)/quick-\(port).conf"
        let text = """
            defaults
                mode http
                timeout client 60s
                timeout http-keep-alive 60s
            frontend quick
                bind 127.0.0.1:\(port)
                http-request \(rule)

            """
        try FileContent.write(Array(text.utf8), to: path)
        // Runs beside the test; ended and awaited when the test ends.
        let running = Task(name: "quick origin \(port)") {
            _ = try await ProgramRunner()
                .run(Program("haproxy", ["-db", "-f", path], deadline: .seconds(600))) { _ in }
        }
        let origin = QuickOrigin(port: port, running: running)
        edge.atEnd { await origin.stop() }
        try await eventually("a quick origin listens on \(port)") { LocalPorts.holder(of: port) != nil }
        return origin
    }

    /// Ends it, and returns when it is gone.
    func stop() async {
        running.cancel()
        _ = await running.result
    }
}
