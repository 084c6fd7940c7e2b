// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials

/// Moments as people write them.
enum MomentText {
    /// Reads `2026-11-22T10:41:30Z`, the same with another offset, or `2026-11-22 10:41` with or without seconds, which is UTC.
    ///
    /// - Throws: `invalid` for anything else: nobody shall go back to another moment than they thought of.
    static func moment(_ text: String) throws(Failure) -> Date {
        let joined = text.replacing(" ", with: "T")
        let hasZone = joined.hasSuffix("Z") || joined.dropFirst(11).contains { "+-".contains($0) }
        let time = joined.dropFirst(11).prefix { $0.isNumber || ":.".contains($0) }
        let whole = time.count == 5 ? joined.replacing(time, with: "\(time):00", maxReplacements: 1) : joined
        // The 31st of November would be read as the 1st of December, and 25 o'clock as one.
        let local = whole.prefix(19) + "Z"
        if (try? Date(String(local), strategy: .iso8601))?.formatted(.iso8601) == String(local) {
            for hasFraction in [false, true] {
                let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction)
                if let date = try? Date(hasZone ? whole : whole + "Z", strategy: style) { return date }
            }
        }
        throw Failure(
            .invalid,
            "'\(text)' is no moment",
            hint: "write it as 2026-11-22T10:41:30Z, or as '2026-11-22 10:41:30' in UTC",
        )
    }

    /// `any moment from 2026-11-20T02:00:13Z to 2026-11-22T10:55:01Z`.
    static func line(_ stretches: [(from: Date, to: Date)]) -> String {
        guard !stretches.isEmpty else { return "no moment yet: the first base backup is not there" }
        return "any moment from "
            + stretches.map { "\($0.from.formatted(.iso8601)) to \($0.to.formatted(.iso8601))" }
            .joined(separator: ", or from ")
    }
}
