// SPDX-License-Identifier: Apache-2.0
public import Delivery
import Synchronization

/// Who has which role, in memory.
public final class InMemoryPeopleRegister: PeopleRegister {
    private let state: Mutex<People>

    /// A register in which somebody may have a role already.
    public init(_ people: People = People()) {
        state = Mutex(people)
    }

    /// Everybody.
    public func people() async throws -> People { state.withLock { $0 } }

    /// At once.
    public func change(_ body: @escaping @Sendable (inout People) throws -> Void) async throws {
        try state.withLock { people in
            var changed = people
            try body(&changed)
            people = changed
        }
    }
}
