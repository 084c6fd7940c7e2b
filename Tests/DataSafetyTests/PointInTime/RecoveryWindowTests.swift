// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import TestSupport
import Testing

@testable import DataSafety

@Suite("Moments that can be gone back to")
struct RecoveryWindowTests {
    @Test("begin when the first base backup was written that everything since is there of")
    func whole() {
        let record = LogRecord(marks: [ArchiveSamples.mark(9, at: 900)])
        let bases = [
            ArchiveSamples.base(1, from: 2, at: 100), ArchiveSamples.base(2, from: 5, at: 500),
            ArchiveSamples.base(3, from: 8, at: 800),
        ]
        let all = RecoveryWindow.all(record, bases, ArchiveSamples.segments(0...9))
        #expect(all.map { $0.bases.map(\.rawValue) } == [["b1", "b2", "b3"]])
        #expect(all.first?.from == ArchiveSamples.time(100) && all.first?.to == ArchiveSamples.time(900))
        // What follows a gap counts.
        let torn = RecoveryWindow.all(
            record,
            bases,
            ArchiveSamples.segments(0...9).filter { $0.number != 4 },
        )
        #expect(torn.map { $0.bases.map(\.rawValue) } == [["b2", "b3"]])
        #expect(RecoveryWindow.all(record, bases, ArchiveSamples.segments(0...8)).isEmpty)
        #expect(RecoveryWindow.all(record, [], ArchiveSamples.segments(0...9)).isEmpty)
    }

    @Test("are never those of another server, another timeline, or of a base backup that is no use")
    func foreign() {
        let record = LogRecord(marks: [ArchiveSamples.mark(9, at: 900)])
        let segments = ArchiveSamples.segments(0...9)
        for base in [
            ArchiveSamples.base(1, from: 2, at: 100, system: "8"),
            ArchiveSamples.base(1, from: 2, at: 100, timeline: 2),
            ArchiveSamples.base(1, from: 2, at: 100, .disproved(Samples.failure)),
            // Written when the mark was not there yet.
            ArchiveSamples.base(1, from: 12, at: 950),
        ] { #expect(RecoveryWindow.all(record, [base], segments).isEmpty) }
    }

    @Test("are also those of streams that have ended, and never go from one into another")
    func ended() {
        let record = LogRecord(
            marks: [
                ArchiveSamples.mark(3, at: 300, stream: "a"), ArchiveSamples.mark(9, at: 900, stream: "b"),
            ]
        )
        let bases = [
            ArchiveSamples.base(1, from: 1, at: 100, stream: "a"),
            ArchiveSamples.base(2, from: 7, at: 700, stream: "b"),
        ]
        // The second stream begins before the first one's end: an earlier state of the server was put there.
        let segments = ArchiveSamples.segments(1...3, stream: "a")
            .union(ArchiveSamples.segments(2...9, stream: "b"))
        let all = RecoveryWindow.all(record, bases, segments)
        #expect(all.map { $0.bases.map(\.rawValue) } == [["b1"], ["b2"]])
        #expect(all.map(\.to) == [ArchiveSamples.time(300), ArchiveSamples.time(900)])
    }

    @Test(
        "end before a mark that can't follow: of another server, timeline or state of its files, or of a clock that was set back"
    )
    func breaks() {
        let first = ArchiveSamples.mark(5, at: 500)
        #expect(ArchiveSamples.mark(5, at: 500).breakAfter(first) == nil)
        #expect(ArchiveSamples.mark(6, at: 510).breakAfter(first) == nil)
        #expect(ArchiveSamples.mark(6, at: 510, system: "8").breakAfter(first) != nil)
        #expect(ArchiveSamples.mark(4, at: 510).breakAfter(first) != nil)
        #expect(ArchiveSamples.mark(6, at: 499).breakAfter(first)?.contains("clock") == true)
        var promoted = ArchiveSamples.mark(6, at: 510)
        promoted.timeline = 2
        #expect(promoted.breakAfter(first) != nil)
        // A position on a border is the end of the segment before it.
        let border = LogMark(
            at: first.at,
            position: LogPosition(bytes: 5 << 24),
            system: "7412",
            timeline: 1,
            stream: "s",
        )
        #expect(border.segment.number == 4)
    }

    @Test("are found for any history as somebody would find them who looks at each segment")
    func random() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let last = UInt64.random(in: 1...12, using: &generator)
            let there = ArchiveSamples.segments(0...last)
                .filter { _ in Int.random(in: 0..<6, using: &generator) > 0 }
            let bases = (1...3)
                .map { number in
                    let from = UInt64.random(in: 0...last, using: &generator)
                    return ArchiveSamples.base(number, from: from, at: Double(from * 10 + 5))
                }
            let record = LogRecord(marks: [ArchiveSamples.mark(last, at: 1000)])
            let found = Set(RecoveryWindow.all(record, bases, there).flatMap(\.bases))
            let expected = bases.filter { base in
                let from = (base.content?.base?.start.bytes ?? 0) >> 24
                return (from...last).allSatisfy { number in there.contains { $0.number == number } }
            }
            #expect(found == Set(expected.map(\.id)))
        }
    }
}

/// Values that tests of archives have in common.
enum ArchiveSamples {
    static let cluster = DatabaseTarget.cluster(of: Samples.database)

    static func time(_ seconds: Double) -> Date { Samples.start.addingTimeInterval(seconds) }

    static func segments(_ numbers: ClosedRange<UInt64>, stream: String = "s") -> Set<LogSegment> {
        Set(numbers.map { LogSegment(stream: stream, timeline: 1, number: $0) })
    }

    static func segment(_ number: UInt64) -> LogSegment {
        LogSegment(stream: "s", timeline: 1, number: number)
    }

    /// A mark in the middle of a segment.
    static func mark(
        _ number: UInt64,
        at seconds: Double,
        system: String = "7412",
        stream: String = "s",
    ) -> LogMark {
        LogMark(
            at: time(seconds),
            position: LogPosition(bytes: number << 24 | 0x80_0000),
            system: system,
            timeline: 1,
            stream: stream,
        )
    }

    /// A base backup at the beginning of a segment.
    static func base(
        _ number: Int,
        from segment: UInt64,
        at seconds: Double,
        system: String = "7412",
        stream: String = "s",
        timeline: UInt32 = 1,
        _ more: BackupEvent...,
    ) -> Backup {
        var dumped = Samples.dumped
        dumped.server.systemIdentifier = system
        dumped.base = BaseBackup(
            stream: stream,
            timeline: timeline,
            start: LogPosition(bytes: segment << 24 | 0x28),
            end: LogPosition(bytes: segment << 24 | 0x100),
        )
        let stored = StoredDump(seal: Samples.seal, encoding: nil)
        let content = BackupContent(stored, writtenAt: time(seconds), dumped: dumped)
        var backup = Samples.backup(number, of: cluster, at: time(seconds - 1), .dumped(content))
        for event in more {
            do {
                try backup.apply(event, at: time(seconds))
            } catch {
                preconditionFailure("a base backup can't be \(event.name)")
            }
        }
        return backup
    }
}
