// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Times as the engine has them: RFC 3339 with nanoseconds.
enum EngineTime {
    /// `1764000000.000000001` for a time and the nanosecond after it, as `since` wants it; nil for no time.
    static func following(_ text: String) -> String? {
        guard let (second, nanosecond) = parts(text) else { return nil }
        let next = nanosecond + 1
        let (whole, fraction) = next == 1_000_000_000 ? (second + 1, 0) : (second, next)
        let digits = String(fraction)
        return "\(whole)." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    /// The moment; nil for no time, and for the one that stands for none (`0001-01-01T00:00:00Z`).
    static func date(_ text: String) -> Date? {
        guard let (second, nanosecond) = parts(text), second > 0 else { return nil }
        return Date(timeIntervalSince1970: Double(second) + Double(nanosecond) / 1e9)
    }

    /// The same moment as `2026-11-24T01:13:39.831938370Z`; nil for no time.
    static func inUTC(_ text: String) -> String? {
        guard let (second, nanosecond) = parts(text) else { return nil }
        let whole = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
        let digits = String(nanosecond)
        return whole.dropLast() + "." + String(repeating: "0", count: 9 - digits.count) + digits + "Z"
    }

    private static func parts(_ text: String) -> (second: Int, nanosecond: Int)? {
        let zone = text.last == "Z" ? "Z" : String(text.suffix(6))
        guard zone == "Z" || "+-".contains(zone.prefix(1)), text.count > 19 else { return nil }
        let halves = text.dropLast(zone.count).split(separator: ".", maxSplits: 1)
        guard let whole = halves.first, let date = try? Date("\(whole)\(zone)", strategy: .iso8601) else {
            return nil
        }
        let digits = halves.count > 1 ? String(halves[1].prefix(9)) : ""
        let fraction = Int(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
        return (Int(date.timeIntervalSince1970.rounded(.down)), fraction)
    }
}
