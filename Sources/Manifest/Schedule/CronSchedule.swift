// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials

/// A time table as cron writes it: minute, hour, day of the month, month, weekday.
///
/// As in cron, when both the day and the weekday are restricted, either one is enough.
public struct CronSchedule: Hashable, Sendable, CustomStringConvertible {
    /// The five fields, with one space between.
    public let description: String
    private let values: [CronField: Set<Int>]
    private let eitherDayIsEnough: Bool

    /// Reads five fields.
    ///
    /// - Parameter text: Numbers, `*`, ranges, steps, lists, and names of months and weekdays.
    /// - Throws: `invalid`, with a hint that names the field that can't be read.
    public init(_ text: String) throws(Failure) {
        let fields = text.split(whereSeparator: \.isWhitespace)
        let words = "minute hour day month weekday, such as \"0 2 * * *\""
        guard fields.count == CronField.allCases.count else {
            let count = fields.count == 1 ? "1 field" : "\(fields.count) fields"
            let hint =
                Self.nicknames[text].map { "write \"\($0)\"" } ?? "it has \(count), expected five: \(words)"
            throw Failure(.invalid, "'\(text)' is not a schedule", hint: hint)
        }
        var values: [CronField: Set<Int>] = [:]
        for (field, text) in zip(CronField.allCases, fields) {
            guard let some = field.values(of: text) else {
                let hint = "its \(field) is '\(text)', expected \(field.words)"
                throw Failure(.invalid, "'\(text)' is not a schedule", hint: hint)
            }
            values[field] = some
        }
        description = fields.joined(separator: " ")
        self.values = values
        eitherDayIsEnough = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        guard canHappen else {
            throw Failure(.invalid, "'\(text)' is not a schedule", hint: "no month of it has such a day")
        }
    }

    /// Whether a minute belongs to the schedule.
    ///
    /// - Parameters:
    ///   - minute: 0 to 59.
    ///   - hour: 0 to 23.
    ///   - day: Of the month, from 1.
    ///   - month: From 1.
    ///   - weekday: From 0, which is Sunday.
    /// - Returns: Whether the schedule names it.
    public func matches(minute: Int, hour: Int, day: Int, month: Int, weekday: Int) -> Bool {
        has(.minute, minute) && has(.hour, hour) && matches(day: day, month: month, weekday: weekday)
    }

    /// Whether a day belongs to it.
    func matches(day: Int, month: Int, weekday: Int) -> Bool {
        guard has(.month, month) else { return false }
        let (isDay, isWeekday) = (has(.day, day), has(.weekday, weekday))
        return eitherDayIsEnough ? isDay || isWeekday : isDay && isWeekday
    }

    /// Hours and minutes of a day that belongs to it, in order.
    var timesOfDay: [(hour: Int, minute: Int)] {
        (values[.hour] ?? []).sorted()
            .flatMap { hour in (values[.minute] ?? []).sorted().map { (hour: hour, minute: $0) } }
    }

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    private func has(_ field: CronField, _ number: Int) -> Bool {
        values[field]?.contains(number) ?? false
    }

    private var canHappen: Bool {
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return eitherDayIsEnough
            || longest.enumerated()
                .contains { month, days in
                    has(.month, month + 1) && (1...days).contains { has(.day, $0) }
                }
    }
}

extension CronSchedule {
    /// Accepts a time zone that this machine knows.
    static func zoneVerdict(_ text: String) -> TextVerdict<String> {
        guard TimeZone(identifier: text) != nil else {
            return .refused(hint: "'\(text)' is not known here; names are like Europe/Berlin")
        }
        return .accepted(text)
    }

    /// Accepts a schedule, or says which field of it is wrong.
    static func verdict(_ text: String) -> TextVerdict<String> {
        do {
            return .accepted(try CronSchedule(text).description)
        } catch {
            return .refused(hint: error.hint)
        }
    }
}
