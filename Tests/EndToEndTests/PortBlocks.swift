// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Numbers of blocks of ports: each is given again only after all others.
final class PortBlocks: Sendable {
    private static let count = 200
    private let last = Mutex(Int.random(in: 0..<count))

    /// The next one, from 0.
    func next() -> Int {
        last.withLock { last in
            last = (last + 1) % Self.count
            return last
        }
    }
}
