// SPDX-License-Identifier: Apache-2.0
import DataSafety
import FoundationEssentials
import Synchronization

/// What rclone(1) says in its log: one JSON object a line, some of them with how much it has transferred.
final class RcloneLog: Sendable {
    /// Have rclone write such a log, and say each second how far it is.
    static let options = ["--use-json-log", "--stats=1s", "--stats-log-level=NOTICE"]

    private struct Line: Decodable {
        struct Stats: Decodable {
            var bytes: Int64
        }

        var level: String
        var msg: String
        var stats: Stats?
    }

    private struct State {
        var told: Int64 = 0
        var words: [String] = []
    }

    private let state = Mutex(State())
    private let passing: ByteCounter

    /// - Parameter passing: Is told how many bytes more went.
    init(_ passing: @escaping ByteCounter) { self.passing = passing }

    /// What it says besides; the last 100 lines.
    var words: String { state.withLock { $0.words.joined(separator: "\n") } }

    /// Takes a line; what is no JSON counts as words.
    func take(_ line: String) {
        guard let said = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else { return say(line) }
        guard let bytes = said.stats?.bytes else { return say("\(said.level): \(said.msg)") }
        let more = state.withLock { state in
            defer { state.told = max(state.told, bytes) }
            return bytes - state.told
        }
        if more > 0 { passing(Int(more)) }
    }

    private func say(_ words: String) {
        state.withLock { state in
            state.words.append(words)
            if state.words.count > 100 { state.words.removeFirst() }
        }
    }
}
