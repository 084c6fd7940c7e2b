// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HostSystem

/// What a program writes, line by line.
@Suite("Cutting output into lines")
struct LineCutterTests {
    @Test(
        "ends a line at LF, CR LF and a lone CR, wherever the pieces of the output are cut",
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]), ("a\r\nb\r\n", ["a", "b"]),
            ("10%\r50%\rdone\n", ["10%", "50%", "done"]), ("é\n中", ["é", "中"]), ("\r\r\n", ["", ""]),
        ],
    )
    func ends(text: String, expected: [String]) {
        for size in 1...4 {
            var cutter = LineCutter()
            var lines: [String] = []
            var left = Array(text.utf8)[...]
            while !left.isEmpty {
                lines += cutter.lines(of: Array(left.prefix(size)))
                left = left.dropFirst(size)
            }
            #expect(lines + cutter.rest() == expected, "pieces of \(size)")
        }
    }

    @Test("keeps the beginning of a line that never ends, and all of the next")
    func long() {
        var cutter = LineCutter()
        var lines: [String] = []
        for _ in 0..<1000 { lines += cutter.lines(of: Array(repeating: UInt8(ascii: "x"), count: 1000)) }
        lines += cutter.lines(of: Array("\nnext\n".utf8))
        #expect(lines.count == 2)
        #expect(lines.first == String(repeating: "x", count: LineCutter.limit) + LineCutter.mark)
        #expect(lines.last == "next")
    }
}
