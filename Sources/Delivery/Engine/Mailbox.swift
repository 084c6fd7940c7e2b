// SPDX-License-Identifier: Apache-2.0
import Core
import Synchronization

/// Events that reach a running deployment from outside, one after another.
///
/// One reader at a time.
final class Mailbox: Sendable {
    /// An event, and who wants to know whether it was taken.
    struct Letter: Sendable {
        let event: DeploymentEvent
        let approval: Approval?
        let answer: @Sendable (Failure?) -> Void
    }

    private struct State {
        var letters: [Letter] = []
        var reader: CheckedContinuation<Letter?, Never>?
    }

    private let state = Mutex(State())

    /// Delivers a letter; never waits.
    func post(_ letter: Letter) {
        let reader = state.withLock { state -> CheckedContinuation<Letter?, Never>? in
            guard let reader = state.reader else {
                state.letters.append(letter)
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.resume(returning: letter)
    }

    /// Waits for the next letter; nil when the task was cancelled, and then no letter is lost.
    func next() async -> Letter? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let letter = state.withLock { state -> Letter?? in
                    if !state.letters.isEmpty { return state.letters.removeFirst() }
                    if Task.isCancelled { return .some(nil) }
                    state.reader = continuation
                    return nil
                }
                if let letter { continuation.resume(returning: letter) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }

    /// Answers every letter that was never read.
    func close(_ failure: Failure) {
        let unread = state.withLock { state in
            defer { state.letters = [] }
            return state.letters
        }
        for letter in unread { letter.answer(failure) }
    }
}
