// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import HostSystem
import SystemPackage

/// Reads latency from the end of the access log.
struct AccessLog {
    /// At most this much of the end is read; at full speed that is the last second of a window.
    private static let tailLimit: Int64 = 16 << 20
    /// A folder laid out as svlogd(8) does.
    let folder: String
    /// As many requests as one line stands for, see ``EdgeSettings/logSample``.
    var sample = 1

    /// Latency of what an environment's slot answered since a moment; nil when nothing was recorded.
    func latency(of slot: Slot, in environment: String, since: Date) throws -> LatencySummary? {
        let marks = (Array(#""environment":"\#(environment)""#.utf8), Array(#""slot":"\#(slot)""#.utf8))
        var answers: [(milliseconds: Int, weight: Int)] = []
        for line in try tail().split(separator: UInt8(ascii: "\n")).reversed() {
            guard let at = Self.number(after: #"{"at":"#, in: line) else { continue }
            guard at >= since.timeIntervalSince1970 * 1000 else { break }
            guard line.contains(marks.0), line.contains(marks.1),
                let took = Self.number(after: #""ms":"#, in: line)
            else { continue }
            answers.append((Int(took), weight(of: line)))
        }
        guard !answers.isEmpty else { return nil }
        answers.sort { $0.milliseconds < $1.milliseconds }
        let count = answers.reduce(0) { $0 + $1.weight }
        func percentile(_ share: Double) -> Duration {
            // Nearest rank: the smallest value that at least this share does not pass.
            var left = Int((share * Double(count)).rounded(.up))
            let found = answers.first { answer in
                left -= answer.weight
                return left <= 0
            }
            return .milliseconds(found?.milliseconds ?? 0)
        }
        return LatencySummary(
            count: count,
            p50: percentile(0.5),
            p95: percentile(0.95),
            p99: percentile(0.99),
        )
    }

    /// Errors, and what the edge answered itself, are always logged: each stands for itself alone.
    private func weight(of line: ArraySlice<UInt8>) -> Int {
        guard sample > 1, let status = Self.number(after: #""status":"#, in: line), status < 500,
            !line.contains(Self.ownAnswer)
        else { return 1 }
        return sample
    }

    /// The end of the log, also when a file was put aside within it.
    private func tail() throws -> [UInt8] {
        let current = try end(of: "current", limit: Self.tailLimit)
        let left = Self.tailLimit - Int64(current.count)
        guard left > 0, let aside = try Folder.names(in: folder).last(where: { $0.hasPrefix("@") }) else {
            return current
        }
        return try end(of: aside, limit: left) + current
    }

    private func end(of name: String, limit: Int64) throws -> [UInt8] {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath("\(folder)/\(name)"), .readOnly, options: [.closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            return []
        }
        return try file.closeAfter {
            let size = try file.seek(offset: 0, from: .end)
            let start = max(0, size - limit)
            var bytes = [UInt8](repeating: 0, count: Int(size - start))
            let count = try unsafe bytes.withUnsafeMutableBytes { buffer in
                try unsafe file.read(fromAbsoluteOffset: start, into: buffer)
            }
            return Array(bytes.prefix(count))
        }
    }

    private static let ownAnswer = Array(#""server":"<NOSRV>""#.utf8)

    private static func number(after mark: String, in line: ArraySlice<UInt8>) -> Double? {
        let mark = Array(mark.utf8)
        guard let found = line.firstRange(of: mark) else { return nil }
        let digits = line[found.upperBound...]
            .prefix { byte in
                byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
        return Double(String(decoding: digits, as: UTF8.self))
    }
}
