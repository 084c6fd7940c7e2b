// SPDX-License-Identifier: Apache-2.0
import API
import Synchronization

/// How far something has come that this program does itself.
final class LastProgress: Sendable {
    private let last = Mutex<ProgressView?>(nil)

    /// Nothing, until it has begun.
    var all: [ProgressView] { last.withLock { $0.map { [$0] } ?? [] } }

    /// Notes it.
    func note(_ progress: ProgressView) { last.withLock { $0 = progress } }
}
