// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Delivery

/// A step that writes without end.
@Suite("The journal's share of a step's output")
struct OutputLimitTests {
    @Test("ends with one remark")
    func limit() {
        let limit = OutputLimit()
        let kept = (1...(2 * OutputLimit.lines)).compactMap { limit.admit("line \($0)") }
        #expect(kept.count == OutputLimit.lines + 1)
        #expect(kept[OutputLimit.lines - 1] == "line 10000")
        #expect(kept.last == "… more than 10000 lines; the rest is not kept")
    }
}
