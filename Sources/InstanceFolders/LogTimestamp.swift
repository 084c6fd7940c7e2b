// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The time that `svlogd -tt` puts before each line: `2026-11-21_01:23:44.10734`, in UTC.
enum LogTimestamp {
    /// How many bytes it takes, without the space behind it.
    static let length = 25

    /// Reads one; nil when the bytes don't begin with one.
    static func date(_ bytes: ArraySlice<UInt8>) -> Date? {
        guard bytes.count >= length else { return nil }
        let text = Array(bytes.prefix(length))
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: text[range], as: UTF8.self)) }
        let marks = [(4, "-"), (7, "-"), (10, "_"), (13, ":"), (16, ":"), (19, ".")]
        guard marks.allSatisfy({ text[$0.0] == Array($0.1.utf8)[0] }),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let fraction = number(20..<25)
        else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        return Date(timeIntervalSince1970: Double(seconds) + Double(fraction) / 100_000)
    }

    /// Days since 1970-01-01 in the Gregorian calendar, counted from March so that the leap day comes last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
