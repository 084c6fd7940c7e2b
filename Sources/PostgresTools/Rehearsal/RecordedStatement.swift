// SPDX-License-Identifier: Apache-2.0

/// A statement as a server was asked to run it.
public struct RecordedStatement: Hashable, Sendable {
    /// The statement, with `$1`, `$2` … for parameters.
    public var text: String
    /// As text; nil is NULL.
    public var parameters: [String?]

    /// Describes a statement.
    public init(_ text: String, _ parameters: [String?] = []) {
        self.text = text
        self.parameters = parameters
    }
}
