// SPDX-License-Identifier: Apache-2.0

/// Durations as the file writes them: a whole number and one unit.
enum DurationText {
    /// Reads `250ms`, `30s`, `5m`, `2h`, `1d`; anything near that is refused with its right spelling.
    static func verdict(_ text: String, allowsZero: Bool) -> TextVerdict<Duration> {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard digits.count <= 9, let count = Int(digits) else { return .refused(hint: nil) }
        guard count > 0 || allowsZero else {
            return .refused(hint: "it must be longer than nothing, such as 30s")
        }
        let unit = text.dropFirst(digits.count)
        if let milliseconds = units.first(where: { $0.name == unit })?.milliseconds {
            return .accepted(.milliseconds(Int64(count) * milliseconds))
        }
        let word = unit.drop { $0 == " " }.lowercased()
        guard let name = spellings[word] else { return .refused(hint: nil) }
        if word.isEmpty, count >= 100 { return .refused(hint: "write \(count)s or \(count)ms") }
        return .refused(hint: "write \(count)\(name)")
    }

    /// The shortest spelling, in whole milliseconds.
    static func of(_ duration: Duration) -> String {
        let (seconds, rest) = duration.components
        let milliseconds = seconds * 1000 + rest / 1_000_000_000_000_000
        let unit =
            milliseconds == 0 ? units[1] : units.last { milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }

    private static let units: [(name: Substring, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    private static let spellings: [String: String] = [
        "": "s", "ms": "ms", "s": "s", "m": "m", "h": "h", "d": "d", "msec": "ms", "millis": "ms",
        "milliseconds": "ms", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m",
        "minute": "m", "minutes": "m", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d",
        "days": "d",
    ]
}
