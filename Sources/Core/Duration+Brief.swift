// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Seconds with their fraction.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// Whole milliseconds, rounded down.
    public var inMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// As people write it: `85ms`, `2.4s`, `3m 05s`, `2h 10m`, `7d`, `2d 3h`.
    public var briefly: String {
        let milliseconds = inMilliseconds
        switch milliseconds {
        case ..<1000: return "\(milliseconds)ms"
        case ..<60_000: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
        case ..<3_600_000: return "\(milliseconds / 60_000)m \(padded(milliseconds / 1000 % 60))s"
        case ..<172_800_000: return "\(milliseconds / 3_600_000)h \(padded(milliseconds / 60_000 % 60))m"
        default:
            let (days, hours) = (milliseconds / 86_400_000, milliseconds / 3_600_000 % 24)
            return hours == 0 ? "\(days)d" : "\(days)d \(hours)h"
        }
    }

    private func padded(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
