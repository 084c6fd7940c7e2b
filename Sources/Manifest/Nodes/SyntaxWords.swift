// SPDX-License-Identifier: Apache-2.0

/// What OpsHub says instead of one of libyaml's sentences.
struct SyntaxWords: Sendable {
    /// What is wrong; `{character}` stands for the character at the place.
    var message: String
    /// What mends it; `{begin}` stands for where the surrounding value began.
    var hint: String
    /// Whether the mistake is where the surrounding value began, and not where libyaml noticed it.
    var isAtBegin = false

    /// For a tab, whatever libyaml makes of it.
    static let tab = Self(message: "a tab indents this line", hint: "indent with spaces")

    /// By libyaml's sentence; one that is missing here is shown as it is.
    static let all: [String: Self] = [
        "found character that cannot start any token":
            Self(message: "a value can't begin with {character}", hint: "put it in quotes"),
        "did not find expected alphabetic or numeric character":
            Self(message: "a value can't begin with {character}", hint: "put it in quotes", isAtBegin: true),
        "mapping values are not allowed in this context":
            Self(
                message: "unexpected ':'",
                hint:
                    "does the line above lack a ':', or the indentation differ? a text with ': ' in it needs quotes",
            ),
        "block sequence entries are not allowed in this context":
            Self(message: "unexpected '- '", hint: "put the list on its own lines below its key"),
        "did not find expected key":
            Self(
                message: "expected a key here",
                hint: "the mapping began at {begin}; indent its keys equally",
            ),
        "did not find expected '-' indicator":
            Self(message: "expected '- ' here", hint: "the list began at {begin}; indent its items equally"),
        "could not find expected ':'":
            Self(message: "a key without ': '", hint: "write 'key: value'", isAtBegin: true),
        "did not find expected ',' or ']'":
            Self(message: "expected ',' or ']' here", hint: "the list began at {begin}"),
        "did not find expected ',' or '}'":
            Self(message: "expected ',' or '}' here", hint: "the mapping began at {begin}"),
        "found unexpected end of stream":
            Self(message: "this quote is never closed", hint: "add the closing quote", isAtBegin: true),
        "found unknown escape character":
            Self(
                message: "unknown escape after a backslash",
                hint: #"use single quotes, or write \\ for a backslash"#,
            ),
        "found undefined alias":
            Self(message: "this alias has no anchor above it", hint: "quote a value that begins with '*'"),
        "Maximum nesting level reached, set with yaml_set_max_nest_level())":
            Self(message: "nested far too deeply", hint: "is this an opshub.yml?"),
        "but found another document":
            Self(message: "a second document begins here", hint: "keep one, without '---' between"),
        "did not find expected <document start>":
            Self(message: "unexpected text after the document", hint: "keep one document, with one mapping"),
    ]
}
