// SPDX-License-Identifier: Apache-2.0

/// One of the five fields of a cron schedule.
enum CronField: String, CaseIterable, Sendable {
    /// 0 to 59.
    case minute
    /// 0 to 23.
    case hour
    /// Of the month, 1 to 31.
    case day
    /// 1 to 12, or `jan` to `dec`.
    case month
    /// 0 to 7, both ends Sunday, or `sun` to `sat`.
    case weekday

    /// What a number in it may be.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    /// What may stand in it, for messages.
    var words: String {
        let numbers = "\(range.lowerBound) to \(range.upperBound)"
        let named = names.isEmpty ? numbers : "\(numbers), \(names[0]) to \(names[names.count - 1])"
        return "\(named), a range 1-5, a step */2, a list 1,3, or *"
    }

    /// The numbers that `*`, `5`, `1-5`, `*/15`, `10-30/5` and lists of them with commas mean; nil when it is none.
    func values(of text: some StringProtocol) -> Set<Int>? {
        var values: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let some = numbers(of: item) else { return nil }
            values.formUnion(some)
        }
        guard self == .weekday else { return values }
        return Set(values.map { $0 % 7 })
    }

    private func numbers(of item: some StringProtocol) -> [Int]? {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        let step = parts.count == 2 ? Int(plainDigitsOf: parts[1]) : 1
        guard parts.count <= 2, let step, step > 0 else { return nil }
        if parts[0] == "*" {
            return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map(number)
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last
        else { return nil }
        guard ends.count == 2 || parts.count == 1 else { return nil }
        return Array(stride(from: first, through: last, by: step))
    }

    private func number(_ text: some StringProtocol) -> Int? {
        let number =
            names.firstIndex(of: text.lowercased()).map { $0 + range.lowerBound } ?? Int(cronDigits: text)
        return number.flatMap { range.contains($0) ? $0 : nil }
    }

    private var names: [String] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        case .minute, .hour, .day: []
        }
    }
}

extension Int {
    /// One or two digits; `02` is common in crontabs.
    fileprivate init?(cronDigits text: some StringProtocol) {
        guard (1...2).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        self.init(text)
    }
}
