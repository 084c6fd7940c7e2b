// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Containers that this control plane is ending: that they end is no news.
final class AskedStops: Sendable {
    private let containers = Mutex<Set<String>>([])

    /// Whether a container is being ended from here.
    func isAsked(_ container: String) -> Bool { containers.withLock { $0.contains(container) } }

    /// Ends one.
    func ending<Result>(_ container: String, _ body: () async throws -> Result) async rethrows -> Result {
        containers.withLock { _ = $0.insert(container) }
        defer { containers.withLock { _ = $0.remove(container) } }
        return try await body()
    }
}
