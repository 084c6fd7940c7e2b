// SPDX-License-Identifier: Apache-2.0
import Core

/// Whether a backup is kept, and why.
public struct RetentionVerdict: Hashable, Sendable {
    /// Why a backup is kept.
    public enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// It is being made.
        case unfinished
        /// Something relies on it.
        case inUse
        /// Its files are not where they were; it counts for nothing.
        case missing
        /// It is the newest proven copy of its database.
        case lastVerified
        /// No newer copy of its database is elsewhere.
        case lastOffsite
        /// It is one of this many newest proven copies.
        case amongLastVerified(Int)
        /// It is the newest proven copy of its day, week or month.
        case newestOf(BackupPeriod)
        /// No copy of its database is proven, and this is the newest with content.
        case nothingVerified
        /// The oldest moment that must be possible to go back to comes after it, and none other is between.
        case beginsWindow(Duration)
        /// It is younger than that moment.
        case withinWindow(Duration)
        /// It is not old enough.
        case youngerThan(days: Int)
        /// It is old enough only by a clock that nothing of an earlier day confirms.
        case youngerThanBelieved(days: Int)

        /// For `opshub backup prune`: `one of the last 10 verified`.
        public var description: String {
            switch self {
            case .unfinished: "being made"
            case .inUse: "in use"
            case .missing: "its files are missing, look for them"
            case .lastVerified: "the last verified"
            case .lastOffsite: "the last off-site"
            case .amongLastVerified(let count): "one of the last \(count) verified"
            case .newestOf(let period): "the newest of its \(period.rawValue)"
            case .nothingVerified: "the newest, and none is verified"
            case .beginsWindow(let window): "any moment of the last \(window.briefly) begins with it"
            case .withinWindow(let window): "younger than \(window.briefly)"
            case .youngerThan(let days): "younger than \(days) days"
            case .youngerThanBelieved(let days):
                "younger than \(days) days, unless the clock is right: goes when that has gone evenly for a day"
            }
        }
    }

    /// The backup.
    public let backup: Backup
    /// Why it is kept; empty when it is not.
    public let reasons: [Reason]

    /// Describes a verdict.
    public init(backup: Backup, reasons: [Reason]) {
        self.backup = backup
        self.reasons = reasons
    }

    /// Whether it is kept.
    public var isKept: Bool { !reasons.isEmpty }
}
