// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Synchronization

/// A clock that only moves when somebody looks at it, by one second, or waits on it.
final class SteppedTime: TimeSource {
    private let seconds = Mutex(0.0)
    private let waits = Mutex<[Duration]>([])

    /// Every wait, in order.
    var waited: [Duration] { waits.withLock { $0 } }

    private let leaps = Mutex(0.0)

    var now: Date {
        let leapt = leaps.withLock { $0 }
        return seconds.withLock { seconds in
            seconds += 1
            return Date(timeIntervalSince1970: 1_800_000_000 + seconds + leapt)
        }
    }

    /// Somebody sets the clock; nothing lasts longer for that.
    func leap(by duration: Duration) { leaps.withLock { $0 += duration.inSeconds } }

    var uptime: Duration { .seconds(seconds.withLock { $0 }) }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        waits.withLock { $0.append(duration) }
        seconds.withLock { $0 += duration.inSeconds }
    }
}
