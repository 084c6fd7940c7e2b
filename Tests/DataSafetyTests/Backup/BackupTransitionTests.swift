// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Testing

@Suite("What can happen to a backup")
struct BackupTransitionTests {
    private static let content = Samples.content
    private static let other = Failure(.backupFailed, "another reason")

    private static let states: [Backup] = [
        Samples.backup(),
        Samples.backup(1, .dumped(content)),
        Samples.backup(1, .dumped(content), .proven(Samples.drill)),
        Samples.backup(1, .dumpFailed(Samples.failure)),
        Samples.backup(1, .dumped(content), .disproved(Samples.failure)),
    ]

    private static let events: [BackupEvent] = [
        .dumped(content), .dumpFailed(other), .proven(Samples.drill), .disproved(other),
    ]

    /// For each state, what each event leads to; nil is refused.
    private static let expected: [[BackupState?]] = [
        [.written(content), .failed(other, nil), nil, nil],
        [nil, nil, .verified(content, Samples.drill), .failed(other, content)],
        [nil, nil, .verified(content, Samples.drill), .failed(other, content)],
        [nil, nil, nil, nil],
        [nil, nil, .verified(content, Samples.drill), .failed(other, content)],
    ]

    @Test("Every event in every state leads where the diagram says", arguments: 0..<5, 0..<4)
    func table(state: Int, event: Int) throws {
        var backup = Self.states[state]
        let before = backup
        let later = Samples.start.addingTimeInterval(60)
        guard let expected = Self.expected[state][event] else {
            let failure = #expect(throws: Failure.self) { try backup.apply(Self.events[event], at: later) }
            #expect(failure?.code == .conflict)
            #expect(backup == before, "a refused event changes nothing")
            return
        }
        try backup.apply(Self.events[event], at: later)
        #expect(backup.state == expected)
        #expect(backup.changedAt == later)
        #expect(backup.startedAt == before.startedAt)
    }

    @Test("Only a verified backup counts")
    func counting() {
        #expect(Self.states.map(\.isVerified) == [false, false, true, false, false])
        #expect(Self.states.map { $0.content != nil } == [false, true, true, false, true])
        #expect(Self.states.map { $0.failure != nil } == [false, false, false, true, true])
    }

    @Test("Every state survives being written down", arguments: 0..<5)
    func coding(state: Int) throws {
        let backup = Self.states[state]
        let bytes = try JSONEncoder().encode(backup)
        #expect(try JSONDecoder().decode(Backup.self, from: bytes) == backup)
    }

    @Test("A state that nobody knows is refused, not guessed")
    func unknownState() throws {
        let json = Data(#"{"name":"great"}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(BackupState.self, from: json) }
    }

    @Test("A verified state without its evidence is refused")
    func missingEvidence() throws {
        var text = String(
            decoding: try JSONEncoder().encode(BackupState.written(Samples.content)),
            as: UTF8.self,
        )
        text = text.replacing("\"written\"", with: "\"verified\"")
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(BackupState.self, from: Data(text.utf8))
        }
    }

    @Test("Reasons read as people say them")
    func reasons() {
        let reasons: [BackupReason] = [.deployment("d12"), .command(by: "ada"), .schedule]
        #expect(reasons.map(\.description) == ["before d12", "asked for by ada", "on schedule"])
    }
}
