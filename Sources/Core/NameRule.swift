// SPDX-License-Identifier: Apache-2.0

/// The rule that project, environment, service, accessory and store names follow.
///
/// A name becomes part of host names, user names, file names and edge identifiers, so it is a DNS label
/// (RFC 1123) in lower case that starts with a letter: `[a-z][a-z0-9-]{0,38}[a-z0-9]`.
public enum NameRule {
    /// The longest name that still leaves room for suffixes in a 63-byte DNS label.
    public static let longest = 40

    /// The rule in words, for messages.
    public static let words =
        "lower-case letters, digits and '-', starting with a letter, at most \(longest) characters"

    /// Whether `text` may be a name.
    public static func admits(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= longest else {
            return false
        }
        return isLetter(first) && last != UInt8(ascii: "-")
            && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
