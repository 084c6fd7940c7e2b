// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import Testing

@testable import Commands

/// A deployment's journal as people read it.
@Suite("The journal's text")
struct JournalTextTests {
    @Test("of a whole deployment is exactly this", arguments: try JournalFixture.all())
    func golden(fixture: JournalFixture) throws {
        var text = JournalText()
        let lines = try fixture.lines().compactMap { text.render($0) }
        #expect(lines.map { $0 + "\n" }.joined() == (try fixture.expected()))
    }

    @Test("has a line for every kind", arguments: JournalLine.Kind.allCases)
    func everyKind(kind: JournalLine.Kind) {
        var text = JournalText()
        let line = JournalLine(
            sequence: 1,
            at: Date(timeIntervalSince1970: 0),
            kind: kind,
            text: "some words",
        )
        let rendered = text.render(line)
        #expect(rendered?.hasPrefix("     0ms  ") == true)
        #expect((rendered?.count ?? 0) > 10)
    }

    @Test("counts time from the first line that it is given")
    func begin() throws {
        var text = JournalText()
        let times = [100.0, 100.5, 99, 161]
        let stamps = times.map { time in
            text.render(
                JournalLine(sequence: 1, at: Date(timeIntervalSince1970: time), kind: .note, text: "x")
            )
        }
        #expect(stamps == ["     0ms      x", "   500ms      x", "     0ms      x", "  1m 01s      x"])
    }
}
