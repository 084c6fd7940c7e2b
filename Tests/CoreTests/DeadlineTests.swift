// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@Suite("Deadlines")
struct DeadlineTests {
    @Test("throw their own error, never cancellation")
    func ownError() async {
        await #expect(throws: DeadlineExceeded(operation: "waiting", after: .milliseconds(5))) {
            try await withDeadline(.milliseconds(5), "waiting") {
                try await ContinuousClock().sleep(for: .seconds(60))
            }
        }
    }

    @Test("hand on what the work returns and throws")
    func handsOn() async throws {
        #expect(try await withDeadline(.seconds(60), "working") { 7 } == 7)
        await #expect(throws: Failure(.conflict, "no")) {
            try await withDeadline(.seconds(60), "working") { throw Failure(.conflict, "no") }
        }
    }
}
