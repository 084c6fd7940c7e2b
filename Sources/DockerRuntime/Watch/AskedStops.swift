// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Containers that this control plane is ending: that they end is no news.
///
/// Each is remembered until its end was heard of, which may be after it was waited for; the last thousand, for nobody may be
/// listening.
final class AskedStops: Sendable {
    private static let limit = 1000
    private let containers = Mutex<[String]>([])

    /// A container is about to be ended from here.
    func note(_ container: String) {
        containers.withLock { known in
            known.append(container)
            if known.count > Self.limit { known.removeFirst() }
        }
    }

    /// Whether a container that has ended was ended from here; said once.
    func take(_ container: String) -> Bool {
        containers.withLock { known in
            guard let index = known.firstIndex(of: container) else { return false }
            known.remove(at: index)
            return true
        }
    }
}
