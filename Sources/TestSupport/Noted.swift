// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What closures have seen, in order.
public final class Noted<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    /// Nothing yet.
    public init() {}

    /// All of it.
    public var all: [Value] { values.withLock { $0 } }

    /// Adds one, and says how many there are.
    @discardableResult
    public func add(_ value: Value) -> Int {
        values.withLock { values in
            values.append(value)
            return values.count
        }
    }
}
