// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DockerRuntime

@Suite("What the engine sends of a log")
struct LogFramesTests {
    private static func frame(_ stream: UInt8, _ time: Int, _ text: String) -> [UInt8] {
        let body =
            Array("2026-11-24T01:13:39.\(String(time + 831_938_370)) ".replacing(" ", with: "Z ").utf8)
            + Array(text.utf8)
        let length = (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (24 - 8 * $0)) }
        return [stream, 0, 0, 0] + length + body
    }

    private static func lines(_ bytes: [UInt8], portions: Int, isRaw: Bool = false) -> (String, String) {
        var frames = LogFrames(isRaw: isRaw)
        var output: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(portions))
            unsafe portion.withUnsafeBytes { unsafe frames.take($0, into: &output) }
            rest = rest.dropFirst(portions)
        }
        return (String(decoding: output, as: UTF8.self), String(decoding: frames.last, as: UTF8.self))
    }

    @Test("is the same in whatever portions it comes", arguments: [1, 2, 7, 8, 9, 31, 40, 64, 1000])
    func portions(_ count: Int) {
        let bytes =
            Self.frame(1, 0, "one\n") + Self.frame(2, 1, "two\n") + Self.frame(1, 2, "\n")
            + Self.frame(1, 3, "ü\n")
        let (text, last) = Self.lines(bytes, portions: count)
        #expect(
            text
                == "2026-11-24_01:13:39.83193 one\n2026-11-24_01:13:39.83193 two\n2026-11-24_01:13:39.83193 \n2026-11-24_01:13:39.83193 ü\n"
        )
        #expect(last == "2026-11-24T01:13:39.831938373Z")
    }

    @Test("has lines in pieces, which are one line of their stream again")
    func pieces() {
        let bytes =
            Self.frame(1, 0, "be") + Self.frame(2, 1, "other\n") + Self.frame(1, 2, "gin")
            + Self.frame(1, 3, "ning\n")
        #expect(
            Self.lines(bytes, portions: 10).0
                == "2026-11-24_01:13:39.83193 other\n2026-11-24_01:13:39.83193 beginning\n"
        )
    }

    @Test("is in UTC whatever clock the engine shows")
    func zones() {
        let text = "2026-11-24T02:13:39.831938370+01:00 one\n2026-11-23T20:13:39.9-05:00 two\n"
        let (lines, last) = Self.lines(Array(text.utf8), portions: 7, isRaw: true)
        #expect(lines == "2026-11-24_01:13:39.83193 one\n2026-11-24_01:13:39.90000 two\n")
        #expect(last == "2026-11-24T01:13:39.900000000Z")
    }

    @Test("comes without frames from a terminal")
    func terminal() {
        let text = "2026-11-24T01:13:39.831938370Z one\r\n2026-11-24T01:13:39.831938371Z two\r\n"
        #expect(
            Self.lines(Array(text.utf8), portions: 5, isRaw: true).0
                == "2026-11-24_01:13:39.83193 one\n2026-11-24_01:13:39.83193 two\n"
        )
    }

    @Test(
        "goes on a nanosecond after the last line",
        arguments: [
            ("2026-11-24T01:13:39.831938370Z", "1795482819.831938371"),
            ("2026-11-24T01:13:39.999999999Z", "1795482820.000000000"),
            ("2026-11-24T01:13:39Z", "1795482819.000000001"),
            ("2026-11-24T01:13:39.5Z", "1795482819.500000001"), ("yesterday", nil),
        ],
    )
    func time(_ text: String, _ since: String?) {
        #expect(EngineTime.following(text) == since)
    }
}
