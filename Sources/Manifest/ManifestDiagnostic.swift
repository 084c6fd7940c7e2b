// SPDX-License-Identifier: Apache-2.0

/// One mistake in `opshub.yml`, with its place.
public struct ManifestDiagnostic: Hashable, Sendable, Codable {
    /// The file's path as the reader knows it.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in characters.
    public var column: Int
    /// What is wrong, in one sentence.
    public var message: String
    /// What was expected there, or the nearest valid key.
    public var hint: String?

    /// Describes a mistake.
    public init(file: String, line: Int, column: Int, message: String, hint: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }
}

extension ManifestDiagnostic: CustomStringConvertible {
    /// `file:line:column: message (hint)`, as compilers write it and editors jump to.
    public var description: String {
        "\(file):\(line):\(column): \(message)" + (hint.map { " (\($0))" } ?? "")
    }
}
