// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Forty requests a second on four keep-alive connections, counted by hey: for long tests, where full speed would only
/// starve what is tested.
enum SteadyLoad {
    /// What the clients saw.
    struct Count: Sendable {
        /// Answers, by status.
        var statuses: [Int: Int] = [:]
        /// The part of the report that tells of requests without an answer; empty when there was none.
        var errors = ""

        init(_ report: String) {
            for line in report.split(separator: "\n") {
                let words = line.split { " \t[]".contains($0) }
                guard words.count == 3, words[2] == "responses", let status = Int(words[0]) else { continue }
                statuses[status] = Int(words[1])
            }
            if let begin = report.range(of: "Error distribution:") {
                errors = String(report[begin.lowerBound...])
            }
        }

        var lost: Int { statuses.filter { $0.key != 200 }.values.reduce(0, +) + (errors.isEmpty ? 0 : 1) }
    }

    /// Runs `body` under load, which lasts exactly as long.
    ///
    /// - Parameters:
    ///   - url: What is asked for.
    ///   - body: What happens meanwhile.
    /// - Returns: What the clients saw.
    /// - Throws: What `body` threw, or that hey could not run.
    static func during(_ url: String, _ body: () async throws -> Void) async throws -> Count {
        Count(try await LoadProgram.during("hey -z 1h -c 4 -q 10 \(url)", body))
    }
}
