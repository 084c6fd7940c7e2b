// SPDX-License-Identifier: Apache-2.0
import API
import Client
import Core
import Glibc

/// How far a backup has come, for people.
enum ProgressText {
    /// `dumping: 312 MiB of 730 MiB (42 %), 118 MiB/s, 4s left`.
    static func line(_ progress: BackupView.Progress) -> String {
        guard progress.done > 0, progress.seconds > 0 else {
            return "\(progress.stage), \(inWords(progress.seconds))"
        }
        let rate = Double(progress.done) / progress.seconds
        let speed = "\(ByteCount(Int64(rate)))/s"
        guard let total = progress.total, total >= progress.done else {
            return "\(progress.stage): \(ByteCount(progress.done)), \(speed)"
        }
        let left = inWords((Double(total - progress.done) / rate).rounded(.up))
        return
            "\(progress.stage): \(ByteCount(progress.done)) of \(ByteCount(total)) (\(progress.done * 100 / max(total, 1)) %), \(speed), \(left) left"
    }

    private static func inWords(_ seconds: Double) -> String {
        seconds < 60 ? "\(Int(seconds))s" : Duration.seconds(Int(seconds)).briefly
    }

    /// Does something that takes long, and meanwhile shows on the last line of a terminal how far it has come.
    ///
    /// - Parameters:
    ///   - look: Asks what is under way.
    ///   - work: What takes long.
    /// - Returns: What that returned.
    /// - Throws: What that throws; a look that fails only leaves the line as it is.
    static func watched<Result: Sendable>(
        _ look: @escaping @Sendable () async throws -> [BackupView],
        while work: @escaping @Sendable () async throws -> Result,
    ) async throws -> Result {
        guard isatty(2) == 1 else { return try await work() }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask(name: "what takes long") { try await work() }
            group.addTask(name: "its progress") {
                while true {
                    try await ContinuousClock().sleep(for: .seconds(1))
                    guard let views = try? await look() else { continue }
                    let lines = views.compactMap { view in
                        view.progress.map { "\(view.id) \(line($0))" }
                    }
                    Output.write("\r\u{1B}[2K" + lines.joined(separator: "; "), to: 2)
                }
            }
            defer {
                group.cancelAll()
                Output.write("\r\u{1B}[2K", to: 2)
            }
            guard let first = try await group.next(), let result = first else { throw CancellationError() }
            return result
        }
    }
}
