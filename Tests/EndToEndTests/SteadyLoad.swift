// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import Glibc
import HostSystem
import Testing

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
        let file = "/var/tmp/opshub-load-\(UInt32.random(in: .min ... .max))"
        defer { try? Folder.remove(file) }  // What is left is only disk, in a folder for temporary files.
        let load = Program(
            "/bin/sh",
            ["-c", "echo $$ >\(file); exec hey -z 1h -c 4 -q 10 \(url)"],
            deadline: .seconds(1200),
        )
        async let report = ProgramRunner().run(load)
        var process: Int32?
        while process == nil {
            process = try FileContent.text(of: file).flatMap { Int32($0.dropLast()) }
            try await Task.sleep(for: .milliseconds(20))
        }
        try await body()
        // As Ctrl-C does: it sums up what it has seen so far.
        if let process { kill(process, SIGINT) }
        let result = try await report
        try #require(result.isSuccess, "\(result.errors)")
        return Count(result.output)
    }
}
