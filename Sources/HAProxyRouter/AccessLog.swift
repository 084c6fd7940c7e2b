// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import SystemPackage

/// Reads latency from the end of the access log.
struct AccessLog {
    /// At most this much of the end is read; at full speed that is the last seconds of a window.
    private static let tailLimit: Int64 = 16 << 20
    let path: String

    /// Latency of what an environment's slot answered since a moment; nil when nothing was recorded.
    func latency(of slot: Slot, in environment: String, since: Date) throws -> LatencySummary? {
        let marks = (Array(#""environment":"\#(environment)""#.utf8), Array(#""slot":"\#(slot)""#.utf8))
        var milliseconds: [Int] = []
        for line in try tail().split(separator: UInt8(ascii: "\n")).reversed() {
            guard let at = Self.number(after: #"{"at":"#, in: line) else { continue }
            guard at >= since.timeIntervalSince1970 * 1000 else { break }
            guard line.contains(marks.0), line.contains(marks.1),
                let took = Self.number(after: #""ms":"#, in: line)
            else { continue }
            milliseconds.append(Int(took))
        }
        guard !milliseconds.isEmpty else { return nil }
        milliseconds.sort()
        func percentile(_ share: Double) -> Duration {
            // Nearest rank: the smallest value that at least this share does not pass.
            .milliseconds(milliseconds[max(0, Int((share * Double(milliseconds.count)).rounded(.up)) - 1)])
        }
        return LatencySummary(
            count: milliseconds.count,
            p50: percentile(0.5),
            p95: percentile(0.95),
            p99: percentile(0.99),
        )
    }

    private func tail() throws -> [UInt8] {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(path), .readOnly)
        } catch Errno.noSuchFileOrDirectory {
            return []
        }
        return try file.closeAfter {
            let size = try file.seek(offset: 0, from: .end)
            let start = max(0, size - Self.tailLimit)
            var bytes = [UInt8](repeating: 0, count: Int(size - start))
            let count = try unsafe bytes.withUnsafeMutableBytes { buffer in
                try unsafe file.read(fromAbsoluteOffset: start, into: buffer)
            }
            return Array(bytes.prefix(count))
        }
    }

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
