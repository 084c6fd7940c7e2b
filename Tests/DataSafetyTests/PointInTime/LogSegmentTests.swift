// SPDX-License-Identifier: Apache-2.0
import DataSafety
import FoundationEssentials
import TestSupport
import Testing

@Suite("Names of write-ahead log")
struct LogSegmentTests {
    /// As `pg_walfile_name` has them.
    @Test(
        "are PostgreSQL's",
        arguments: [
            ("0/2000028", 1, "000000010000000000000002"), ("0/FFFFFFFF", 1, "0000000100000000000000FF"),
            ("1/0", 1, "000000010000000100000000"), ("16/B374D848", 3, "0000000300000016000000B3"),
            ("FFFFFFFF/FFFFFFFF", 255, "000000FFFFFFFFFF000000FF"),
        ] as [(String, UInt32, String)],
    )
    func names(_ text: String, _ timeline: UInt32, _ name: String) throws {
        let position = try #require(LogPosition(text))
        #expect(position.description == text)
        let segment = LogSegment(stream: "7", timeline: timeline, holding: position)
        #expect(segment.name == name)
        #expect(LogSegment(stream: "7", name: name) == segment)
        #expect(segment.start <= position)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "00000001000000000000000", "00000001000000000000000a", "000000010000000000000100",
            "00000002.history", "000000010000000000000002.partial", "0000000100000000000000-1",
            "../../../../../../etc/pw",
        ],
    )
    func noNames(_ name: String) { #expect(LogSegment(stream: "7", name: name) == nil) }

    @Test(
        "are positions only where PostgreSQL writes one",
        arguments: ["", "1", "/", "1/", "/1", "1/2/3", "g/0", "100000000/0"],
    )
    func noPositions(_ text: String) { #expect(LogPosition(text) == nil) }

    @Test("follow each other without an end between files")
    func order() throws {
        var segment = LogSegment(stream: "7", timeline: 1, number: 600)
        var names: [String] = [segment.name]
        while let previous = segment.previous {
            #expect(previous < segment)
            segment = previous
            names.append(segment.name)
        }
        #expect(names == names.sorted(by: >) && Set(names).count == 601)
    }
}
