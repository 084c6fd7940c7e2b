// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials

/// Git's pkt-line framing (gitprotocol-common): four hexadecimal digits of length, then the data.
enum PacketLine: Hashable {
    /// Some bytes, without their length.
    case data(String)
    /// The end of a list.
    case flush

    /// As it is sent.
    var text: String {
        switch self {
        case .flush: return "0000"
        case .data(let text):
            let digits = String(text.utf8.count + 4, radix: 16)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + text
        }
    }

    /// Reads packets until a flush; a trailing line break is no part of the data.
    static func list(from handle: inout PacketReader) throws(Failure) -> [String] {
        var lines: [String] = []
        while case .data(let line) = try handle.next() {
            lines.append(line.hasSuffix("\n") ? String(line.dropLast()) : line)
        }
        return lines
    }
}

/// Reads pkt-lines from a source of bytes.
struct PacketReader {
    /// Reads exactly this many bytes, or fewer at the end.
    let read: (Int) -> [UInt8]

    mutating func next() throws(Failure) -> PacketLine {
        let head = String(decoding: read(4), as: UTF8.self)
        // Lengths 1 to 3 mean something in protocol version 2 only, and `Int` would also take a sign.
        guard head.utf8.count == 4, head.allSatisfy(\.isHexDigit), let length = Int(head, radix: 16),
            length == 0 || length > 3
        else { throw Failure(.invalid, "Git sent no packet where one was expected") }
        guard length > 4 else { return length == 4 ? .data("") : .flush }
        let bytes = read(length - 4)
        guard bytes.count == length - 4 else { throw Failure(.invalid, "Git's packet was cut short") }
        return .data(String(decoding: bytes, as: UTF8.self))
    }
}
