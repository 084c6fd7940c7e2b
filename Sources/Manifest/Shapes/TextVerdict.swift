// SPDX-License-Identifier: Apache-2.0

/// What a rule says about a text.
enum TextVerdict<Value: Sendable>: Sendable {
    /// It means this.
    case accepted(Value)
    /// It can't be used; the hint names the edit, when there is a better one than what was expected.
    case refused(hint: String?)
}

extension TextVerdict where Value == String {
    /// Accepts `text` as it is when a rule holds.
    static func accepting(_ text: String, if holds: Bool) -> Self {
        holds ? .accepted(text) : .refused(hint: nil)
    }
}
