// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@Suite("The rule for names")
struct NameRuleTests {
    @Test("admits DNS labels that start with a letter", arguments: ["a", "tracehub", "web-2", "a2"])
    func admitted(name: String) {
        #expect(NameRule.admits(name))
    }

    @Test(
        "refuses everything that could mean something else in a path, host name or command",
        arguments: [
            "", "2web", "-a", "a-", "Web", "a_b", "a.b", "../x", "a/b", "ä",
            String(repeating: "a", count: 41),
        ],
    )
    func refused(name: String) {
        #expect(!NameRule.admits(name))
    }
}
