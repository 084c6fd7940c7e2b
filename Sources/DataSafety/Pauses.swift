// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Synchronization

/// What is not to be tried again for a while; forgotten when the process ends.
final class Pauses<Key: Hashable & Sendable>: Sendable {
    private let pauses = Mutex<[Key: (begin: Date, end: Date)]>([:])

    /// Puts one off.
    func pause(_ key: Key, from now: Date, for seconds: TimeInterval) {
        pauses.withLock { $0[key] = (now, now.addingTimeInterval(seconds)) }
    }

    /// Puts one off that was put off before, for twice as long as then.
    func prolong(_ key: Key, from now: Date, atLeast least: TimeInterval, atMost most: TimeInterval) {
        pauses.withLock { pauses in
            let last = pauses[key].map { $0.end.timeIntervalSince($0.begin) }
            pauses[key] = (now, now.addingTimeInterval(min(most, last.map { $0 * 2 } ?? least)))
        }
    }

    /// Forgets that one was put off.
    func end(_ key: Key) { pauses.withLock { $0[key] = nil } }

    /// Whether one may be tried; also when the clock was put back meanwhile.
    func isOver(_ key: Key, at now: Date) -> Bool {
        pauses.withLock { $0[key].map { now < $0.begin || now >= $0.end } ?? true }
    }
}
