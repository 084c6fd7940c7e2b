// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Synchronization

/// A process that dies at one of its outside calls: before it, or after it when nobody hears of its result
/// any more.
final class MortalProcess: Sendable {
    /// What every call throws from then on.
    struct Death: Error {}

    private let state: Mutex<(calls: Int, isDead: Bool)> = Mutex((0, false))
    private let last: Int?
    private let isAfter: Bool

    /// One that dies at its `last`-th call; never, when nil.
    init(at last: Int?, after isAfter: Bool = false) {
        self.last = last
        self.isAfter = isAfter
    }

    /// How many calls were made.
    var calls: Int { state.withLock { $0.calls } }

    /// Makes one outside call.
    func call<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let (number, isDead) = state.withLock { state in
            state.calls += 1
            return (state.calls, state.isDead)
        }
        if isDead { throw Death() }
        if number == last, !isAfter { throw die() }
        let result = try await body()
        if number == last { throw die() }
        return result
    }

    private func die() -> Death {
        state.withLock { $0.isDead = true }
        return Death()
    }
}
