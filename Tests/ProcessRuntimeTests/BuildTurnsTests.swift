// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import ProcessRuntime

@Suite("Builds that take turns", .timeLimit(.minutes(10)))
struct BuildTurnsTests {
    @Test("run so many at a time and no more, and each comes to its turn", arguments: [1, 2, 5])
    func limited(_ count: Int) async throws {
        let turns = BuildTurns(count: count)
        let seen = Tally()
        try await withThrowingTaskGroup { group in
            for _ in 1...8 {
                group.addTask {
                    try await turns.take(onWait: {}) {
                        seen.enter()
                        try await ContinuousClock().sleep(for: .milliseconds(5))
                        seen.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(seen.all == 8)
        #expect(seen.most <= count)
    }

    @Test("say once that they wait, give up when cancelled, and free their turn when they fail")
    func waiting() async throws {
        let turns = BuildTurns(count: 0)  // One at least.
        let waits = Tally()
        try await turns.take(onWait: { Issue.record("nobody was there") }) {
            let second = Task {
                try await turns.take(onWait: { waits.enter() }) { Issue.record("two at a time") }
            }
            while waits.all == 0 { try await ContinuousClock().sleep(for: .milliseconds(1)) }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
        }
        #expect(waits.all == 1)
        await #expect(throws: CancellationError.self) {
            try await turns.take(onWait: {}) { throw CancellationError() }
        }
        try await turns.take(onWait: { Issue.record("the turn was not given back") }) {}
    }

    /// How many are inside, have been at most, and in all.
    private final class Tally: Sendable {
        private let state = Mutex((now: 0, most: 0, all: 0))

        var most: Int { state.withLock(\.most) }
        var all: Int { state.withLock(\.all) }

        func enter() {
            state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.all + 1) }
        }

        func leave() { state.withLock { $0.now -= 1 } }
    }
}
