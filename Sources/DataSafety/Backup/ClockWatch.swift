// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Synchronization

/// Whether the clock has gone evenly since it was looked at first.
///
/// One that somebody sets, or that a machine begins with, may be wrong: what goes after a time must not be gone before that is
/// seen.
final class ClockWatch: Sendable {
    private struct State {
        /// Since when nobody has set it, and when that was seen last.
        var since: Duration
        var last: (now: Date, uptime: Duration)
    }

    /// So long it must have gone evenly.
    static let term: Duration = .seconds(20 * 3600)
    /// So much it may be put right by, as time servers do.
    private static let tolerance: TimeInterval = 60

    private let time: any TimeSource
    private let state: Mutex<State>

    /// Begins to watch.
    init(_ time: any TimeSource) {
        self.time = time
        state = Mutex(State(since: time.uptime, last: (time.now, time.uptime)))
    }

    /// Whether it is to be believed.
    var isSteady: Bool {
        state.withLock { state in
            let (now, uptime) = (time.now, time.uptime)
            let passed = (uptime - state.last.uptime).inSeconds
            if abs(now.timeIntervalSince(state.last.now) - passed) > Self.tolerance { state.since = uptime }
            state.last = (now, uptime)
            return uptime - state.since >= Self.term
        }
    }
}
