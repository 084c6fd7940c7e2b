// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Manifest

@Suite("The manifest that init writes")
struct ManifestTemplateTests {
    @Test(
        "has a project name after the folder",
        arguments: [
            ("shop", "shop"), ("My Shop", "my-shop"), ("TraceHub", "tracehub"),
            ("2024_shop.git", "shop-git"),
            ("--", "app"), ("", "app"), ("42", "app"), ("Ümlaut", "mlaut"),
            (String(repeating: "a", count: 60), "app"),
        ],
    )
    func names(_ folder: String, _ name: String) {
        #expect(ManifestTemplate.projectName(after: folder).rawValue == name)
    }

    @Test(
        "quotes exactly the texts that YAML would change",
        arguments: [
            "make", "a: b", "a:b", "a #b", "a#b", "#a", "'a'", "it's", "\"a\" b", "- a", "-a", "*a", "&a",
            "!a", "| a", "> a", "%a",
            "@a", "`a`", "[a]", "{a}", "a, b", "a]", "true", "Null", "12", "1.5", "", " a", "a ", "a:", "~",
            "? a", ": a",
        ],
    )
    func scalars(_ text: String) {
        for yaml in ["key: \(YAMLText.plain(text))\n", "key: { a: \(YAMLText.plain(text)), b: c }\n"] {
            let value = YAMLInstance.of(yaml)?["key"]
            #expect(value == .text(text) || value?["a"] == .text(text), "\(yaml)")
        }
        #expect(YAMLText.plain("make -j2 VERBOSE=1") == "make -j2 VERBOSE=1")
    }
}
