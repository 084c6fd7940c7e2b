// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Counts who is in a place at the same time.
final class Occupancy: Sendable {
    private struct Content {
        var now = 0
        var most = 0
        var visits = 0
    }

    private let content = Mutex(Content())

    /// The most at once.
    var most: Int { content.withLock { $0.most } }
    /// How many in all.
    var visits: Int { content.withLock { $0.visits } }

    func enter() {
        content.withLock { content in
            content.now += 1
            content.visits += 1
            content.most = max(content.most, content.now)
        }
    }

    func leave() {
        content.withLock { $0.now -= 1 }
    }
}
