// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Commands

/// Git's framing of what it says to a hook (gitprotocol-common).
@Suite("Git's packets")
struct PacketLineTests {
    /// Bytes that are there, and how many were asked for at a time.
    private final class Source {
        private var bytes: ArraySlice<UInt8>
        private(set) var asked: [Int] = []

        init(_ text: String) {
            bytes = Array(text.utf8)[...]
        }

        var rest: String { String(decoding: bytes, as: UTF8.self) }

        func read(_ count: Int) -> [UInt8] {
            asked.append(count)
            defer { bytes = bytes.dropFirst(count) }
            return Array(bytes.prefix(count))
        }
    }

    @Test(
        "are their length and their data, in bytes",
        arguments: [
            (PacketLine.flush, "0000"), (.data(""), "0004"), (.data("a\n"), "0006a\n"),
            (.data("é漢"), "0009é漢"), (.data("version=1\0push-options"), "001aversion=1\0push-options"),
            (.data(String(repeating: "x", count: 65_516)), "fff0" + String(repeating: "x", count: 65_516)),
        ],
    )
    func text(packet: PacketLine, text: String) throws {
        #expect(packet.text == text)
        let source = Source(text)
        var reader = PacketReader(read: source.read)
        #expect(try reader.next() == packet)
        #expect(source.rest == "")
    }

    @Test("are read as a list up to the flush, without one line break at each end")
    func list() throws {
        let source = Source("000aone\n\u{20}\n0007two0004000c three\n\n0000" + "rest of the stream")
        var reader = PacketReader(read: source.read)
        #expect(try PacketLine.list(from: &reader) == ["one\n ", "two", "", " three\n"])
        #expect(source.rest == "rest of the stream")
    }

    @Test("are read one after another, and never a byte too far")
    func lists() throws {
        let source = Source("0005a" + "0000" + "0000" + "0005b" + "0000")
        var reader = PacketReader(read: source.read)
        #expect(try PacketLine.list(from: &reader) == ["a"])
        #expect(source.asked == [4, 1, 4])
        #expect(try PacketLine.list(from: &reader) == [])
        #expect(try PacketLine.list(from: &reader) == ["b"])
    }

    @Test("may have lengths in capitals")
    func capitals() throws {
        var reader = PacketReader(read: Source("000Eabcdefghij").read)
        #expect(try reader.next() == .data("abcdefghij"))
    }

    @Test(
        "are refused when they are none",
        arguments: [
            "", "0", "000", "hello", "zzzz", "-001", "+00a", "0x1f", " 1f ", "0001", "0002", "0003", "１２３４",
            "000g", "\0\0\0\0",
        ],
    )
    func garbage(text: String) throws {
        var reader = PacketReader(read: Source(text).read)
        let failure = try #require(throws: Failure.self) { try reader.next() }
        #expect(failure == Failure(.invalid, "Git sent no packet where one was expected"))
    }

    @Test(
        "are refused when they were cut",
        arguments: ["0005", "000aabc", "fff0", "0006é".dropLast().description],
    )
    func cut(text: String) throws {
        var reader = PacketReader(read: Source(text).read)
        #expect(throws: Failure.self) { try PacketLine.list(from: &reader) }
    }
}
