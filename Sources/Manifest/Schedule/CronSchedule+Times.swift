// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

extension CronSchedule {
    /// The last moment up to `now` that the schedule names, by the clocks of a time zone; nil when there was none in the eight
    /// years before (29 February can be so long ago).
    ///
    /// A time that clocks skipped counts as the moment after the gap, and one that they showed twice counts once, the first time.
    public func latest(upTo now: Date, in zone: TimeZone) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var day = calendar.startOfDay(for: now)
        for _ in 0..<(8 * 366) {
            if let moment = latest(of: day, upTo: now, calendar) { return moment }
            // Noon of the day before: midnight is not there on every day.
            guard let before = calendar.date(byAdding: .hour, value: -12, to: day) else { return nil }
            day = calendar.startOfDay(for: before)
        }
        return nil
    }

    private func latest(of day: Date, upTo now: Date, _ calendar: Calendar) -> Date? {
        let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: day)
        guard let month = parts.month, let date = parts.day, let weekday = parts.weekday,
            matches(day: date, month: month, weekday: weekday - 1)
        else { return nil }
        for (hour, minute) in timesOfDay.reversed() {
            var wanted = parts
            (wanted.weekday, wanted.hour, wanted.minute) = (nil, hour, minute)
            guard let moment = calendar.date(from: wanted), moment <= now else { continue }
            return moment
        }
        return nil
    }
}
