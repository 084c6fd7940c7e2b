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

    /// Whether one may be tried; also when the clock was put back meanwhile.
    func isOver(_ key: Key, at now: Date) -> Bool {
        pauses.withLock { $0[key].map { now < $0.begin || now >= $0.end } ?? true }
    }
}
