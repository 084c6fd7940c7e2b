// SPDX-License-Identifier: Apache-2.0
import Core
public import FoundationEssentials
import Synchronization

/// How far a verification of migrations has come.
public struct VerificationProgress: Hashable, Sendable {
    /// Whose.
    public var database: DatabaseTarget
    /// Since when.
    public var since: Date
    /// How many migrations were taken up, down and up again.
    public var done = 0
    /// How many there are; nil while they are being read.
    public var total: Int?
}

/// Verifications that are under way in this process.
final class VerificationBoard: Sendable {
    private struct State {
        var entries: [Int: VerificationProgress] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Begins one, and returns its number.
    func begin(_ database: DatabaseTarget, at now: Date) -> Int {
        state.withLock { state in
            state.count += 1
            state.entries[state.count] = VerificationProgress(database: database, since: now)
            return state.count
        }
    }

    /// Says how far it is.
    func tell(_ number: Int, done: Int, of total: Int) {
        state.withLock { state in
            state.entries[number]?.done = done
            state.entries[number]?.total = total
        }
    }

    /// Ends it.
    func end(_ number: Int) { state.withLock { $0.entries[number] = nil } }

    /// Those of an environment, oldest first.
    func all(in environment: EnvironmentKey) -> [VerificationProgress] {
        state.withLock { $0.entries }.sorted { $0.key < $1.key }.map(\.value)
            .filter { $0.database.environment == environment }
    }
}
