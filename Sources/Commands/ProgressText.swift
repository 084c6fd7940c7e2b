// SPDX-License-Identifier: Apache-2.0
import API
import Client
import Core
import Glibc

/// How far something has come that takes long, for people.
enum ProgressText {
    /// `dumping: 312 MiB of 730 MiB (42 %), 118 MiB/s, 4s left`, `verifying: 3 of 12 migrations, 40s left`.
    static func line(_ progress: ProgressView) -> String {
        guard progress.done > 0, progress.seconds > 0 else {
            let total = progress.total.flatMap { progress.unit == "bytes" ? nil : " \($0) \(progress.unit)" }
            return "\(progress.stage)\(total ?? ""), \(inWords(progress.seconds))"
        }
        let rate = Double(progress.done) / progress.seconds
        let isBytes = progress.unit == "bytes"
        let speed = isBytes ? ", \(ByteCount(Int64(rate)))/s" : ""
        func amount(_ count: Int64) -> String { isBytes ? "\(ByteCount(count))" : "\(count)" }
        let unit = isBytes ? "" : " \(progress.unit)"
        guard let total = progress.total, total >= progress.done else {
            return "\(progress.stage): \(amount(progress.done))\(unit)\(speed)"
        }
        let left = inWords((Double(total - progress.done) / rate).rounded(.up))
        let share = isBytes ? " (\(progress.done * 100 / max(total, 1)) %)" : ""
        return
            "\(progress.stage): \(amount(progress.done)) of \(amount(total))\(unit)\(share)\(speed), \(left) left"
    }

    /// Everything that is under way, on one line: `backup b3 dumping: 312 MiB of 730 MiB (42 %), 118 MiB/s, 4s left`.
    static func line(_ all: [ProgressView]) -> String {
        all.map { "\($0.of) \(line($0))" }.joined(separator: "; ")
    }

    private static func inWords(_ seconds: Double) -> String {
        seconds < 60 ? "\(Int(seconds))s" : Duration.seconds(Int(seconds)).briefly
    }

    /// Does something that takes long in an environment, and meanwhile shows what is under way there.
    ///
    /// - Parameters:
    ///   - environment: Its path in the API.
    ///   - client: Asks what is under way.
    ///   - work: What takes long.
    /// - Returns: What that returned.
    /// - Throws: What that throws.
    static func watched<Result: Sendable>(
        _ environment: String,
        _ client: ControlPlaneClient,
        while work: @escaping @Sendable () async throws -> Result,
    ) async throws -> Result {
        try await watched({ try await client.get("\(environment)/progress") }, while: work)
    }

    /// Does something that takes long, and meanwhile shows on the last line of a terminal how far it has come.
    ///
    /// - Parameters:
    ///   - look: Asks what is under way.
    ///   - work: What takes long.
    /// - Returns: What that returned.
    /// - Throws: What that throws; a look that fails only leaves the line as it is.
    static func watched<Result: Sendable>(
        _ look: @escaping @Sendable () async throws -> [ProgressView],
        while work: @escaping @Sendable () async throws -> Result,
    ) async throws -> Result {
        guard isatty(2) == 1 else { return try await work() }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask(name: "what takes long") { try await work() }
            group.addTask(name: "its progress") {
                while true {
                    try await ContinuousClock().sleep(for: .seconds(1))
                    guard let all = try? await look() else { continue }
                    Output.write(Output.erasing + Output.fitting(line(all), on: 2), to: 2)
                }
            }
            defer {
                group.cancelAll()
                Output.write(Output.erasing, to: 2)
            }
            guard let first = try await group.next(), let result = first else { throw CancellationError() }
            return result
        }
    }
}
