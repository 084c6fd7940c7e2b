// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import Synchronization
import Testing

@testable import Commands

/// What a person sees on the last line of a terminal.
@Suite("The live line")
struct LiveLineTests {
    private static let begin = Date(timeIntervalSince1970: 1_800_000_000)
    private static let erase = "\r\u{1B}[2K"

    @Test("shows the step that runs and its time, and gives way to what is said")
    func step() {
        let screen = Screen()
        let live = LiveLine(fit: { $0 }, write: { screen.add($0) })
        live.show(at: Self.begin)
        live.follow(Self.line(.started, "stability gate"))
        live.show(at: Self.begin.addingTimeInterval(1.9))
        live.show(at: Self.begin.addingTimeInterval(2.1))
        live.say("a note")
        live.show(at: Self.begin.addingTimeInterval(65))
        live.follow(Self.line(.finished, "stability gate"))
        live.show(at: Self.begin.addingTimeInterval(66))
        #expect(
            screen.text
                == "          … stability gate, 1s" + Self.erase + "          … stability gate, 2s"
                + Self.erase + "a note\n" + "          … stability gate, 1m 05s" + Self.erase
        )
    }

    @Test("says how far what takes long has come, as far as the terminal has room")
    func progress() {
        let screen = Screen()
        let live = LiveLine(fit: { String($0.prefix(40)) }, write: { screen.add($0) })
        live.follow(Self.line(.started, "back up"))
        live.note(progress: "backup b1 dumping: 1.0 MiB of 4.0 MiB")
        live.show(at: Self.begin)
        live.note(progress: "")
        live.show(at: Self.begin)
        #expect(
            screen.text == "          … back up, 0s (backup b1 dumpi" + Self.erase + "          … back up, 0s"
        )
    }

    @Test("says that a person is waited for, and leaves nothing when it ends")
    func approval() {
        let screen = Screen()
        let live = LiveLine(fit: { $0 }, write: { screen.add($0) })
        live.follow(Self.line(.approvalAsked, "3f9c2ab01d77"))
        // A clock that is behind the control plane's.
        live.show(at: Self.begin.addingTimeInterval(-5))
        live.end()
        live.end()
        live.show(at: Self.begin)
        #expect(screen.text == "          … waiting for a yes, 0s" + Self.erase)
    }

    private static func line(_ kind: JournalLine.Kind, _ text: String) -> JournalLine {
        JournalLine(sequence: 1, at: begin, kind: kind, text: text)
    }

    private final class Screen: Sendable {
        private let written = Mutex("")
        var text: String { written.withLock { $0 } }
        func add(_ text: String) { written.withLock { $0 += text } }
    }
}
