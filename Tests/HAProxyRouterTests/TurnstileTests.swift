// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import HAProxyRouter

/// One change at a time.
@Suite("The turnstile")
struct TurnstileTests {
    /// Counts who is behind the turnstile.
    private actor Crowd {
        private(set) var most = 0
        private(set) var left = 0
        private var inside = 0

        func enter() {
            inside += 1
            most = max(most, inside)
        }

        func leave() {
            inside -= 1
            left += 1
        }
    }

    @Test("never lets two in at once, and forgets nobody")
    func oneAtATime() async throws {
        let turnstile = Turnstile()
        let crowd = Crowd()
        try await withThrowingTaskGroup { group in
            for number in 0..<100 {
                group.addTask(name: "visitor \(number)") {
                    try await turnstile.pass {
                        await crowd.enter()
                        await Task.yield()
                        await crowd.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await crowd.most == 1)
        #expect(await crowd.left == 100)
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
