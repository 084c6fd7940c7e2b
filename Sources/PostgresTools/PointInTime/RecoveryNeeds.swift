// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What a server must be told so that it replays a log over an earlier state of its files.
struct RecoveryNeeds: Hashable {
    /// The last moment of which transactions are replayed; nil for no more than the files themselves need.
    var target: Date?
    /// What is loaded and set for extensions at the original.
    var original = DrillNeeds()
    /// Whether it shall keep nobody waiting.
    var isBackground = false

    /// Where segments lie that the server has asked for, beside its data, from which it is run.
    static let segments = "segments"

    /// Lines of `postgresql.conf`; of two for the same setting the later counts.
    var settings: [String] {
        original.settings + [
            // Nobody comes in before the end, so what is set at the original need not be met.
            "hot_standby = off", "max_locks_per_transaction = 2048",
            // What runs at the original by itself must not run twice: a subscription would take what is sent to the original.
            "max_worker_processes = 0", "max_logical_replication_workers = 0",
            "restore_command = \(SettingText.quoted(Self.request))",
            target.map { "recovery_target_time = \(SettingText.quoted(Self.text(of: $0)))" }
                ?? "recovery_target = immediate",
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
