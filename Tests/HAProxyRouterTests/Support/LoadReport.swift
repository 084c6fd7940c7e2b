// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

@testable import HAProxyRouter

/// What `wrk` counted: the measure for a lost request.
struct LoadReport: Sendable {
    /// Answers.
    let requests: Int
    /// Of those, with a status of 400 or more.
    let failed: Int
    /// Connections that were refused, reset or too slow.
    let socketErrors: Int

    /// Keeps 16 connections busy while `body` runs.
    static func measure(
        _ edge: EdgeHome,
        host: String = "shop.test",
        seconds: Int = 4,
        while body: () async throws -> Void,
    ) async throws -> LoadReport {
        let program = Program(
            "wrk",
            [
                "-t1", "-c64", "-d\(seconds)s", "--timeout", "20s", "-H", "Host: \(host)",
                "http://127.0.0.1:\(edge.settings.port)/",
            ],
            deadline: .seconds(120),
        )
        async let result = ProgramRunner().run(program)
        try await body()
        return try LoadReport(try await result.checked(doing: "load").output)
    }

    /// Reads wrk's report.
    ///
    /// Lines about errors are there only when there were any.
    init(_ text: String) throws {
        let lines = text.split(separator: "\n")
        func numbers(_ mark: String) -> [Int] {
            lines.filter { $0.contains(mark) }.flatMap { $0.split { !$0.isNumber }.compactMap { Int($0) } }
        }
        requests = try #require(numbers(" requests in ").first, "wrk said: \(text)")
        failed = numbers("Non-2xx or 3xx responses").last ?? 0
        socketErrors = numbers("Socket errors").reduce(0, +)
    }
}
