// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Delivery

/// A step that writes without end.
@Suite("The journal's share of a step's output")
struct OutputLimitTests {
    private static let remark = "… more than 10000 lines or 4 MiB; the rest is not kept"

    @Test("ends with one remark after many lines")
    func lines() {
        let limit = OutputLimit()
        let kept = (1...(2 * OutputLimit.lines)).compactMap { limit.admit("line \($0)") }
        #expect(kept.count == OutputLimit.lines + 1)
        #expect(kept[OutputLimit.lines - 1] == "line 10000")
        #expect(kept.last == Self.remark)
    }

    @Test("ends with one remark after many bytes")
    func bytes() {
        let limit = OutputLimit()
        let line = String(repeating: "x", count: 16 << 10)
        let kept = (1...1000).compactMap { _ in limit.admit(line) }
        #expect(kept.count == 256 + 1)
        #expect(kept.last == Self.remark)
    }
}
