// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials
import Synchronization

/// What happens at this moment, on the last line of a terminal, with the time that it takes; everything that is said
/// stays above it.
final class LiveLine: Sendable {
    private struct State {
        var running: (text: String, since: Date)?
        var progress = ""
        var isShown = false
    }

    private let state = Mutex(State())
    private let write: @Sendable (String) -> Void
    private let fit: @Sendable (String) -> String

    /// A line of a terminal.
    ///
    /// - Parameters:
    ///   - fit: Cuts a line that the terminal has no room for.
    ///   - write: Writes to the terminal, without a line break of its own.
    init(
        fit: @Sendable @escaping (String) -> String = { Output.fitting($0, on: 1) },
        write: @Sendable @escaping (String) -> Void = { Output.write($0, to: 1) },
    ) {
        (self.fit, self.write) = (fit, write)
    }

    /// Notes how far has come what is under way; empty when nothing is.
    func note(progress: String) { state.withLock { $0.progress = progress } }

    /// Notes what a line of the journal begins or ends.
    func follow(_ line: JournalLine) {
        state.withLock { state in
            switch line.kind {
            case .started, .undoing: state.running = (line.text, line.at)
            case .approvalAsked, .decisionAsked: state.running = ("waiting for a yes", line.at)
            case .finished, .failed, .approved, .accepted, .approvalLapsed, .undone, .undoFailed, .ended:
                state.running = nil
            case .requested, .output, .note, .measured, .resumed, .drifted, .healed: break
            }
        }
    }

    /// Says something, above the line.
    func say(_ text: String) {
        state.withLock { state in
            erase(&state)
            write(text + "\n")
        }
    }

    /// Shows the line as it is now.
    func show(at now: Date) {
        state.withLock { state in
            erase(&state)
            guard let (text, since) = state.running else { return }
            let seconds = max(0, Int(now.timeIntervalSince(since)))
            let time = seconds < 60 ? "\(seconds)s" : Duration.seconds(seconds).briefly
            let progress = state.progress.isEmpty ? "" : " (\(state.progress))"
            write(fit("          … \(text), \(time)\(progress)"))
            state.isShown = true
        }
    }

    /// Takes the line away.
    func end() {
        state.withLock { state in
            erase(&state)
            state.running = nil
        }
    }

    private func erase(_ state: inout State) {
        if state.isShown { write(Output.erasing) }
        state.isShown = false
    }
}
