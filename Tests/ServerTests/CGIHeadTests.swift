// SPDX-License-Identifier: Apache-2.0
import Core
import NIOCore
import Testing

@testable import Server

/// The header block of a CGI program, however its pipe cuts it.
@Suite("A CGI program's header block")
struct CGIHeadTests {
    private static let unix =
        "Content-Type: application/x-git\nExpires: never\n\n001e# service\n\n0000\0\u{1F600}"
    private static let dos =
        "Content-Type: application/x-git\r\nStatus: 200 OK\r\n\r\n001e# service\r\n\r\n0000"

    @Test("is taken off wherever it is cut", arguments: 0...unix.utf8.count)
    func unixCut(at index: Int) throws {
        #expect(try Self.body(of: Self.unix, cutAt: index) == "001e# service\n\n0000\0\u{1F600}")
    }

    @Test("may have the other kind of line ends and a status that is success", arguments: 0...dos.utf8.count)
    func dosCut(at index: Int) throws {
        #expect(try Self.body(of: Self.dos, cutAt: index) == "001e# service\r\n\r\n0000")
    }

    @Test("hands over nothing before it has ended, and everything after")
    func nothingBefore() throws {
        var head = CGIHead()
        #expect(try head.take(ByteBuffer(string: "Content-Type: x\n")) == nil)
        #expect(try head.take(ByteBuffer(string: "\n")) == ByteBuffer())
        #expect(
            try head.take(ByteBuffer(string: "Status: 500 is only text here\n\n"))
                == ByteBuffer(string: "Status: 500 is only text here\n\n")
        )
    }

    @Test(
        "with a status that is no success is a failure",
        arguments: [
            "Status: 404 Not Found", "status:403 Forbidden", "STATUS:   500 Internal Server Error",
            "Status: 301 Moved",
        ],
    )
    func status(line: String) throws {
        for text in ["\(line)\nExpires: never\n\nbody", "Expires: never\r\n\(line)\r\n\r\nbody"] {
            var head = CGIHead()
            let failure = try #require(throws: Failure.self) { try head.take(ByteBuffer(string: text)) }
            let words = try #require(line.split(separator: ":").last).drop { $0 == " " }
            #expect(failure == Failure(.programFailed, "git http-backend answered \(words)"))
        }
    }

    @Test("without an end is a failure, and not kept for ever")
    func endless() throws {
        var head = CGIHead()
        let failure = try #require(throws: Failure.self) {
            for _ in 0..<100 { _ = try head.take(ByteBuffer(string: String(repeating: "x", count: 1000))) }
        }
        #expect(failure.code == .programFailed)
    }

    @Test("may be followed by more than it may be long itself")
    func longBody() throws {
        var head = CGIHead()
        let body = ByteBuffer(string: String(repeating: "x", count: 100_000))
        #expect(try head.take(ByteBuffer(string: "A: b\n\n" + String(buffer: body))) == body)
    }

    private static func body(of text: String, cutAt index: Int) throws -> String {
        let bytes = Array(text.utf8)
        var (head, body) = (CGIHead(), ByteBuffer())
        for part in [bytes[..<index], bytes[index...]] {
            if let rest = try head.take(ByteBuffer(bytes: part)) { body.writeImmutableBuffer(rest) }
        }
        return String(buffer: body)
    }
}
