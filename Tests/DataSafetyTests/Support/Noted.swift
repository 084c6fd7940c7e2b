// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What closures have seen, in order.
final class Noted<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    /// All of it.
    var all: [Value] { values.withLock { $0 } }

    /// Adds one, and says how many there are.
    @discardableResult
    func add(_ value: Value) -> Int {
        values.withLock { values in
            values.append(value)
            return values.count
        }
    }
}
