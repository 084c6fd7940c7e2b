// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Client

/// Server-sent events, however the network cuts them.
@Suite("Server-sent events")
struct EventParserTests {
    private static let stream = Array(
        """
        id: 1
        event: journal
        data: {"text":"é漢🚀"}

        : nothing new

        id: 2
        data: data: x

        event: journal

        data: half of the next
        """
        .utf8
    )

    @Test("are the same wherever the bytes are cut in two", arguments: 0...stream.count)
    func cut(at index: Int) {
        var parser = EventParser()
        let events = parser.take(Self.stream[..<index]) + parser.take(Self.stream[index...])
        #expect(events.map { String(decoding: $0, as: UTF8.self) } == ["{\"text\":\"é漢🚀\"}", "data: x"])
    }

    @Test("are the same byte by byte, and each comes with its last byte")
    func byteByByte() {
        var parser = EventParser()
        var ends: [Int] = []
        for (index, byte) in Self.stream.enumerated() where !parser.take([byte]).isEmpty {
            ends.append(index)
        }
        #expect(ends.count == 2)
        for end in ends { #expect(Self.stream[(end - 1)...end].elementsEqual("\n\n".utf8)) }
    }

    @Test(
        "that were not ended are not there yet",
        arguments: ["", "data: x", "data: x\n", "id: 1\n\n", ": x\n\n", "\n\n\n"],
    )
    func unfinished(text: String) {
        var parser = EventParser()
        #expect(parser.take(text.utf8).isEmpty)
    }

    @Test("end when the empty line comes, however long it took")
    func later() {
        var parser = EventParser()
        #expect(parser.take("data: x".utf8).isEmpty)
        #expect(parser.take("".utf8).isEmpty)
        #expect(parser.take("\n".utf8).isEmpty)
        #expect(parser.take("\n".utf8) == [Array("x".utf8)])
        #expect(parser.take("\n".utf8).isEmpty)
    }
}
