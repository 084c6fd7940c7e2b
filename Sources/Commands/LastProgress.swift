// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Synchronization

/// How far something has come that this program does itself.
final class LastProgress: Sendable {
    private let last = Mutex<(progress: ProgressView, at: ContinuousClock.Instant)?>(nil)

    /// As it is now; nothing, until it has begun.
    var all: [ProgressView] {
        guard let (noted, at) = last.withLock({ $0 }) else { return [] }
        var progress = noted
        progress.seconds += (ContinuousClock.now - at).inSeconds
        return [progress]
    }

    /// Notes it.
    func note(_ progress: ProgressView) { last.withLock { $0 = (progress, .now) } }
}
