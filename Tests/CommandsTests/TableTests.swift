// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Commands

/// Rows for people.
@Suite("A table")
struct TableTests {
    @Test("has columns as wide as their widest cell, and no blanks at the ends of lines")
    func aligned() {
        var table = Table("RELEASE", "STATE", "SUBJECT")
        table.add("r1", "not-built", "First")
        table.add("r1000000", "warm", "")
        table.add("r2", "", "")
        #expect(
            table.text == """
                RELEASE   STATE      SUBJECT
                r1        not-built  First
                r1000000  warm
                r2
                """
        )
    }

    @Test("without rows is its head")
    func empty() {
        #expect(Table("A", "LONGER", "B").text == "A  LONGER  B")
    }

    @Test("counts characters, not bytes")
    func characters() {
        var table = Table("NAME", "X")
        table.add("Løvelåce", "1")
        table.add("e\u{301}", "2")
        #expect(table.text == "NAME      X\nLøvelåce  1\ne\u{301}         2")
    }
}
