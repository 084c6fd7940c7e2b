// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Commands

/// What a person sees in the middle of the night.
@Suite("The text of a failure")
struct ErrorTextTests {
    @Test("has what happened, why, what was seen and what to try, in this order")
    func full() {
        let failure = Failure(
            .buildFailed,
            "make failed: exit status 2",
            hint: "run it yourself",
            evidence: ["$ make", "cc: error"],
            cause: "no such file",
        )
        #expect(
            ErrorText.lines(of: failure) == [
                "error: make failed: exit status 2", "cause: no such file", "  $ make", "  cc: error",
                "hint: run it yourself",
            ]
        )
    }

    @Test("has only what there is to say")
    func bare() {
        #expect(ErrorText.lines(of: Failure(.notFound, "there is no d9")) == ["error: there is no d9"])
    }
}
