// SPDX-License-Identifier: Apache-2.0
import Manifest
import Testing

@Suite("A text that is not YAML")
struct SyntaxTests {
    @Test(
        "is explained where it stops being YAML",
        arguments: [
            ("a: %b", "1:4: a value can't begin with % (put it in quotes)"),
            ("a: `b`", "1:4: a value can't begin with ` (put it in quotes)"),
            ("a: *", "1:4: a value can't begin with * (put it in quotes)"),
            ("a: & b", "1:4: a value can't begin with & (put it in quotes)"),
            ("a: - b", "1:4: unexpected '- ' (put the list on its own lines below its key)"),
            (
                "a:\n  - b\n  c: d",
                "3:3: expected '- ' here (the list began at line 2, column 3; indent its items equally)",
            ),
            ("a: 'b", "1:4: this quote is never closed (add the closing quote)"),
            ("a: [b", "1:6: expected ',' or ']' here (the list began at line 1, column 4)"),
            ("a: b\nc", "2:1: a key without ': ' (write 'key: value')"),
            ("a: [\n\tb]\n\t- c", "3:1: a tab indents this line (indent with spaces)"),
            (
                "a: b\n...\nc",
                "3:1: unexpected text after the document (keep one document, with one mapping)",
            ),
            ("a: b\n--- \nc: d", "2:1: a second document begins here (keep one, without '---' between)"),
            (
                "a: \"\\q\"",
                "1:5: unknown escape after a backslash (use single quotes, or write \\\\ for a backslash)",
            ),
            (
                "a: b\u{1}",
                "1:5: a control character is not allowed (remove it, or write it as an escape in double quotes)",
            ),
        ],
    )
    func explained(_ text: String, _ expected: String) {
        #expect(mistakes(text).first == "opshub.yml:\(expected)")
    }

    @Test("in words of the library, when there are no better ones")
    func unexplained() {
        let found = mistakes("%YAML 9.9\n---\na: b")
        #expect(found == ["opshub.yml:1:1: not valid YAML: found incompatible YAML document"])
    }

    @Test("counts lines and columns from one, in characters")
    func places() {
        #expect(
            mistakes("é: 'ü' ö") == [
                "opshub.yml:1:8: expected a key here (the mapping began at line 1, column 1; indent its keys equally)"
            ]
        )
        #expect(mistakes("\u{FEFF}a: @").first?.hasPrefix("opshub.yml:1:4: ") == true)
        #expect(mistakes("a: b\r\nc: @").first?.hasPrefix("opshub.yml:2:4: ") == true)
        #expect(mistakes("a: b\rc: @").first?.hasPrefix("opshub.yml:2:4: ") == true)
    }
}
