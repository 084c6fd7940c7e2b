// SPDX-License-Identifier: Apache-2.0
import Core

/// Reads single values of compose files, and reports those that are something else than they should be.
struct ComposeReader {
    let log: ComposeLog

    /// A text; a number or truth value is one too.
    func text(_ value: ComposeValue?, _ subject: String) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.text else { return refuse(value, subject, "a text") }
        return text
    }

    /// `true` or `false`.
    func truth(_ value: ComposeValue?, _ subject: String) -> Bool? {
        guard let value, !value.isNull else { return nil }
        switch value.text?.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: return refuse(value, subject, "true or false")
        }
    }

    /// A whole number of a range.
    func number(_ value: ComposeValue?, _ subject: String, in range: ClosedRange<Int> = 0...Int.max) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard let number = value.text.flatMap({ Int($0) }), range.contains(number) else {
            return refuse(
                value,
                subject,
                range.upperBound == .max
                    ? "a number" : "a number from \(range.lowerBound) to \(range.upperBound)",
            )
        }
        return number
    }

    /// Processors, in thousandths.
    func millicores(_ value: ComposeValue?, _ subject: String) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard let cores = value.text.flatMap({ Double($0) }), cores >= 0, cores < 100_000 else {
            return refuse(value, subject, "a number of processors, such as 0.5")
        }
        // Nought stands for all of them.
        return cores == 0 ? nil : max(1, Int((cores * 1000).rounded()))
    }

    /// `90s`, `1m30s`, `1h5m`, `250ms`.
    func duration(_ value: ComposeValue?, _ subject: String) -> Duration? {
        guard let value, !value.isNull else { return nil }
        guard let duration = value.text.flatMap(Self.duration) else {
            return refuse(value, subject, "a duration, such as 90s or 1m30s")
        }
        return duration
    }

    /// `512m`, `1gb`, `1.5g`, or bytes.
    func size(_ value: ComposeValue?, _ subject: String) -> ByteCount? {
        guard let value, !value.isNull else { return nil }
        guard let size = value.text.flatMap(Self.size) else {
            return refuse(value, subject, "a size, such as 512m or 1gb")
        }
        return size
    }

    /// Texts of a list.
    func texts(_ value: ComposeValue?, _ subject: String) -> [String] {
        guard let value, !value.isNull else { return [] }
        guard case .list(let items) = value.content else {
            if let text = value.text { return [text] }
            return refuse(value, subject, "a list") ?? []
        }
        return items.compactMap { text($0, subject) }
    }

    /// Texts by key; one without a value is left out, with a word about it.
    func pairs(_ value: ComposeValue?, _ subject: String) -> [String: String] {
        guard let value, !value.isNull else { return [:] }
        guard case .map(let entries) = value.content else {
            return refuse(value, subject, "names with values") ?? [:]
        }
        var found: [String: String] = [:]
        for entry in entries {
            if entry.value.isNull {
                log.remark(
                    entry.place,
                    "\(entry.key) of \(subject) has no value here, and is left out",
                    hint: "say it in opshub.yml: environments.NAME.env",
                )
            } else {
                found[entry.key] = text(entry.value, subject)
            }
        }
        return found
    }

    /// The words of a command: a list as it is, a text taken apart as a shell would, without being one.
    func words(_ value: ComposeValue?, _ subject: String) -> [String]? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.text else {
            guard case .list(let items) = value.content else { return refuse(value, subject, "a command") }
            return items.compactMap { self.text($0, subject) }
        }
        guard let words = ShellWords.split(text) else {
            return refuse(value, subject, "a command with quotes that end")
        }
        return words
    }

    /// Reports a value.
    func refuse<Value>(_ value: ComposeValue, _ subject: String, _ expected: String) -> Value? {
        log.report(value.place, "\(subject) is \(value.noun), and \(expected) was expected")
        return nil
    }

    private static func duration(_ text: String) -> Duration? {
        var (total, rest, found) = (Duration.zero, text[...], false)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let count = Double(digits), let scale = units[String(unit)], count * scale < 1e9 else {
                return nil
            }
            total += .seconds(count * scale)
            found = true
        }
        return found ? total : nil
    }

    private static let units: [String: Double] = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86_400,
    ]

    private static func size(_ text: String) -> ByteCount? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        let shifts: [String: Double] = [
            "": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1_048_576, "mb": 1_048_576,
            "mib": 1_048_576,
            "g": 1_073_741_824, "gb": 1_073_741_824, "gib": 1_073_741_824, "t": 1_099_511_627_776,
            "tb": 1_099_511_627_776,
        ]
        guard let count = Double(digits), let scale = shifts[unit], count * scale < 9e18 else { return nil }
        return ByteCount(Int64(count * scale))
    }
}
