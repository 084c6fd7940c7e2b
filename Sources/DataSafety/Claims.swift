// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Who uses what in this process right now.
///
/// Taking never waits.
public final class Claims<Key: Hashable & Sendable>: Sendable {
    private let holders = Mutex<[Key: String]>([:])

    /// Nothing is in use.
    public init() {}

    /// Takes `key` for `purpose`.
    ///
    /// - Returns: Nil when it was free; then ``release(_:)`` must follow. Otherwise who has it.
    public func take(_ key: Key, for purpose: String) -> String? {
        holders.withLock { holders in
            if let holder = holders[key] { return holder }
            holders[key] = purpose
            return nil
        }
    }

    /// Gives `key` back.
    ///
    /// Idempotent.
    public func release(_ key: Key) {
        holders.withLock { $0[key] = nil }
    }

    /// Everything that is in use.
    public var keys: Set<Key> {
        holders.withLock { Set($0.keys) }
    }
}
