// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What a server must be told so that it replays a log over an earlier state of its files.
struct RecoveryNeeds: Hashable {
    /// The last moment of which transactions are replayed; nil for no more than the files themselves need.
    var target: Date?
    /// What is loaded and set for extensions at the original.
    var original = DrillNeeds()
    /// How many prepared transactions the original may have: a server that may have fewer does not take theirs over.
    var preparedTransactions = 0
    /// Whether it shall keep nobody waiting.
    var isBackground = false

    /// Where segments lie that the server has asked for, beside its data, from which it is run.
    static let segments = "segments"

    /// Lines of `postgresql.conf`.
    var settings: [String] {
        // Nobody comes in before the end, so what its own settings are at the original need not be met (hot_standby).
        let own = [
            "hot_standby = off", "max_prepared_transactions = \(preparedTransactions)",
            "max_locks_per_transaction = 2048",
        ]
        let others = original.settings.filter { !$0.hasPrefix("max_locks_per_transaction") }
        guard let target else { return others + own }
        return others + own + [
            "restore_command = \(SettingText.quoted(Self.request))",
            "recovery_target_time = \(SettingText.quoted(Self.text(of: target)))",
            "recovery_target_action = promote",
        ]
    }

    /// Asks for a segment and waits until it is there, or until whoever brings it says that there is none (`SegmentFeeder`).
    ///
    /// Ends by itself once the server's folder is gone. PostgreSQL writes the segment's name for `%f`, and where it wants it for `%p`.
    private static let request = """
        while [ -d ../\(segments) ] && [ ! -e ../\(segments)/%f ] && [ ! -e ../\(segments)/%f.none ]; \
        do : > ../\(segments)/%f.wanted; sleep 0.05; done; \
        [ -e ../\(segments)/%f ] && mv ../\(segments)/%f "%p"
        """

    /// A moment to the microsecond, which is how exactly PostgreSQL knows it: `2026-11-22 16:11:12.433697+00`.
    ///
    /// Names of time zones, `Z` among them, are not known yet where the server reads its settings.
    static func text(of moment: Date) -> String {
        let (seconds, micros) = Int((moment.timeIntervalSince1970 * 1_000_000).rounded())
            .quotientAndRemainder(dividingBy: 1_000_000)
        let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        let digits = String(micros)
        return whole.dropLast().replacing("T", with: " ") + "."
            + String(repeating: "0", count: 6 - digits.count) + digits + "+00"
    }
}
