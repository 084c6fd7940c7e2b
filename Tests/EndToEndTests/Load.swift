// SPDX-License-Identifier: Apache-2.0

/// Full speed on 64 keep-alive connections, counted by wrk: the measure for a lost request.
struct Load: Sendable {
    /// What the clients saw.
    struct Count: Sendable, Hashable {
        var requests = 0
        var socketErrors = 0
        var badStatuses = 0
        /// wrk's own words for errors of sockets.
        var errors = ""

        /// Reads wrk's summary.
        init(_ summary: String) {
            for line in summary.split(separator: "\n") {
                let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
                if line.contains("requests in") { requests = numbers.first ?? 0 }
                if line.contains("Socket errors") {
                    socketErrors = numbers.reduce(0, +)
                    errors = String(line)
                }
                if line.contains("Non-2xx") { badStatuses = numbers.last ?? 0 }
            }
        }

        var lost: Int { socketErrors + badStatuses }
    }

    /// Runs `body` under load, which lasts exactly as long.
    ///
    /// - Parameters:
    ///   - url: What is asked for.
    ///   - connections: How many clients at once.
    ///   - body: What happens meanwhile.
    /// - Returns: What the clients saw.
    /// - Throws: What `body` threw, or that wrk could not run.
    static func during(
        _ url: String,
        connections: Int = 64,
        _ body: () async throws -> Void,
    ) async throws -> Count {
        Count(try await LoadProgram.during("wrk -t1 -c\(connections) -d600s --timeout 10s \(url)", body))
    }
}
