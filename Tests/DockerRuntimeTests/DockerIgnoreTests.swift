// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DockerRuntime

@Suite("The rules of .dockerignore")
struct DockerIgnoreTests {
    @Test(
        "leave out what they name, and what is in it",
        arguments: [
            ("node_modules", "node_modules/a/b", true), ("node_modules", "web/node_modules", false),
            ("**/node_modules", "web/node_modules/x", true),
            ("*.log", "a.log", true), ("*.log", "logs/a.log", false), ("**/*.log", "a.log", true),
            ("/build", "build", true), ("./build/", "build/x", true),
            ("a?c", "abc", true), ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[^a-c]x", "bx", false),
            ("\\*", "*", true), ("\\*", "a", false),
            ("*\n!README.md", "README.md", false), ("*\n!README.md", "other", true),
            ("docs\n!docs/keep", "docs/keep", false), ("docs\n!docs/keep", "docs/x", true),
            ("# comment\n\n  \na", "# comment", false), ("!a\na", "a", true), ("a/**/z", "a/b/c/z", true),
            ("a/**/z", "a/z", true), ("**", "any/thing", true),
        ],
    )
    func rules(_ text: String, _ path: String, _ isLeftOut: Bool) {
        #expect(DockerIgnore(text).leavesOut(path) == isLeftOut)
    }
}
