// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

/// Invariant 8: what is secret is in no text.
@Suite("Redaction")
struct RedactionTests {
    private let redact = Redaction([
        Secret("postgresql://shop:0123456789abcdef@127.0.0.1:5432/shop"), Secret("key-key-key-key"),
        Secret("true"),
        Secret(""), Secret("key-key-key-key-and-more"),
    ])

    @Test(
        "takes out whole values, the password of a URL, and the longer of two that overlap",
        arguments: [
            ("at postgresql://shop:0123456789abcdef@127.0.0.1:5432/shop now", "at ••• now"),
            ("password=0123456789abcdef", "password=•••"), ("key-key-key-key", "•••"),
            ("key-key-key-key-and-more!", "•••!"), ("DEBUG=true", "DEBUG=true"), ("", ""),
            ("twice 0123456789abcdef 0123456789abcdef", "twice ••• •••"),
        ],
    )
    func redacts(text: String, expected: String) {
        #expect(redact(text) == expected)
    }
}
