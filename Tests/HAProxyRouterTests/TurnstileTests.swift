// SPDX-License-Identifier: Apache-2.0
import Core
import Synchronization
import Testing

@testable import HAProxyRouter

/// One change at a time.
@Suite("The turnstile")
struct TurnstileTests {
    @Test("never lets two in at once, and forgets nobody")
    func oneAtATime() async throws {
        let turnstile = Turnstile()
        let state = Mutex((inside: 0, most: 0, done: 0))
        try await withThrowingTaskGroup { group in
            for number in 0..<100 {
                group.addTask(name: "visitor \(number)") {
                    try await turnstile.pass {
                        state.withLock {
                            $0.inside += 1
                            $0.most = max($0.most, $0.inside)
                        }
                        await Task.yield()
                        state.withLock {
                            $0.inside -= 1
                            $0.done += 1
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(state.withLock { $0.most } == 1)
        #expect(state.withLock { $0.done } == 100)
    }

    @Test("goes on after one who failed")
    func failure() async throws {
        let turnstile = Turnstile()
        await #expect(throws: Failure(.edgeFailed, "no")) {
            try await turnstile.pass { throw Failure(.edgeFailed, "no") }
        }
        #expect(try await turnstile.pass { 7 } == 7)
    }
}
