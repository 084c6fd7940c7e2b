// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A stretch of the calendar that one backup may stand for.
public enum BackupPeriod: String, Hashable, Sendable, Comparable, CaseIterable {
    /// From midnight to midnight.
    case day
    /// From Monday.
    case week
    /// From the first.
    case month

    /// The shorter one comes first.
    public static func < (left: Self, right: Self) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }

    /// When the period that has a moment began, by the clocks of a place.
    func begin(of moment: Date, in zone: TimeZone) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        calendar.firstWeekday = 2
        let unit: Calendar.Component =
            switch self {
            case .day: .day
            case .week: .weekOfYear
            case .month: .month
            }
        return calendar.dateInterval(of: unit, for: moment)?.start ?? moment
    }
}
